// A place in a JSON text that moves on over what is there. Everything says false, or has no value, at what is not
// expected; the place does not matter any more then. Wanted texts and names are plain: no escapes, no bytes beyond
// ASCII; others only have to be JSON.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace json {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : start_(text.data()), at_(start_), end_(start_ + text.size()) {}

  size_t offset() const { return static_cast<size_t>(at_ - start_); }
  std::string_view rest() const { return {at_, static_cast<size_t>(end_ - at_)}; }

  // White space before it, too.
  bool take(char wanted) {
    skip_space();
    if (at_ == end_ || *at_ != wanted) return false;
    at_++;
    return true;
  }

  // Exactly these bytes.
  bool take(std::string_view wanted) {
    if (static_cast<size_t>(end_ - at_) < wanted.size() || std::memcmp(at_, wanted.data(), wanted.size()) != 0) {
      return false;
    }
    at_ += wanted.size();
    return true;
  }

  void skip(size_t bytes) { at_ += bytes; }

  bool at_end() {
    skip_space();
    return at_ == end_;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) at_++;
  }

  // A plain text with its quotes.
  std::optional<std::string_view> quoted() {
    const char* start = at_;
    if (at_ == end_ || *at_ != '"') return {};
    for (const char* next = at_ + 1; next != end_; next++) {
      const auto byte = static_cast<uint8_t>(*next);
      if (byte == '"') {
        at_ = next + 1;
        return std::string_view(start, static_cast<size_t>(at_ - start));
      }
      if (byte < 0x20 || byte >= 0x80 || byte == '\\') return {};
    }
    return {};
  }

  // A whole number of at most 15 digits; not -0, which is another number than 0 to JavaScript. That nothing else of a
  // number follows is seen by whoever reads on.
  bool integer(double& value) {
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) at_++;
    const char* first = at_;
    int64_t number = 0;
    for (; at_ != end_ && is_digit(*at_); at_++) {
      if (at_ - first == most_digits) return false;
      number = number * 10 + (*at_ - '0');
    }
    if (at_ == first || (*first == '0' && (negative || at_ - first > 1))) return false;
    value = static_cast<double>(negative ? -number : number);
    return true;
  }

  // Any value, white space before it, too. `depth`: how many lists and objects it may have within each other.
  bool skip_value(int depth);

 private:
  static constexpr ptrdiff_t most_digits = 15;  // all of them are safe integers
  static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
  bool skip_text();
  bool skip_escape();
  bool skip_character();
  bool skip_digits();
  bool skip_number();
  bool skip_list(int depth);
  bool skip_object(int depth);

  const char* start_;
  const char* at_;
  const char* end_;
};

}  // namespace json
