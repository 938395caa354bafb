#include "json/scanner.h"

namespace json {

bool Scanner::skip_value(int depth) {
  skip_space();
  if (at_ == end_) return false;
  switch (*at_) {
    case '"':
      return skip_text();
    case '{':
      return depth > 0 && skip_object(depth - 1);
    case '[':
      return depth > 0 && skip_list(depth - 1);
    case 't':
      return take("true");
    case 'f':
      return take("false");
    case 'n':
      return take("null");
    default:
      return skip_number();
  }
}

bool Scanner::skip_list(int depth) {
  at_++;
  if (take(']')) return true;
  do {
    if (!skip_value(depth)) return false;
  } while (take(','));
  return take(']');
}

bool Scanner::skip_object(int depth) {
  at_++;
  if (take('}')) return true;
  do {
    skip_space();
    if (at_ == end_ || *at_ != '"' || !skip_text() || !take(':') || !skip_value(depth)) return false;
  } while (take(','));
  return take('}');
}

bool Scanner::skip_text() {
  at_++;
  while (at_ != end_) {
    const auto byte = static_cast<uint8_t>(*at_);
    if (byte == '"') {
      at_++;
      return true;
    }
    if (byte < 0x20) return false;
    if (byte == '\\') {
      if (!skip_escape()) return false;
    } else if (byte >= 0x80) {
      if (!skip_character()) return false;
    } else {
      at_++;
    }
  }
  return false;
}

bool Scanner::skip_escape() {
  at_++;
  if (at_ == end_) return false;
  const char kind = *at_++;
  if (kind != 'u') return kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr;
  for (int digits = 0; digits < 4; digits++, at_++) {
    if (at_ == end_) return false;
    const auto letter = static_cast<char>(*at_ | 0x20);
    if (!is_digit(*at_) && (letter < 'a' || letter > 'f')) return false;
  }
  return true;
}

// One character of UTF-8 beyond ASCII (RFC 3629, section 4): no longer than needed, no surrogates, up to U+10FFFF.
bool Scanner::skip_character() {
  const auto byte = [this](size_t index) {
    return index < rest().size() ? static_cast<uint8_t>(at_[index]) : uint8_t{0};
  };
  const uint8_t first = byte(0);
  size_t length = 0;
  uint8_t least = 0x80;
  uint8_t most = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) least = 0xa0;
    if (first == 0xed) most = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) least = 0x90;
    if (first == 0xf4) most = 0x8f;
  } else {
    return false;
  }
  if (byte(1) < least || byte(1) > most) return false;
  for (size_t index = 2; index < length; index++) {
    if ((byte(index) & 0xc0) != 0x80) return false;
  }
  at_ += length;
  return true;
}

bool Scanner::skip_digits() {
  const char* first = at_;
  while (at_ != end_ && is_digit(*at_)) at_++;
  return at_ != first;
}

bool Scanner::skip_number() {
  if (*at_ == '-') at_++;
  if (at_ != end_ && *at_ == '0') {
    at_++;
  } else if (!skip_digits()) {
    return false;
  }
  if (at_ != end_ && *at_ == '.') {
    at_++;
    if (!skip_digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    at_++;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) at_++;
    if (!skip_digits()) return false;
  }
  return true;
}

}  // namespace json
