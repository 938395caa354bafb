// The reader of literal trees.
#include <cctype>

#include "test/tree.h"

namespace netlink::test {
namespace {

class Parser {
 public:
  Parser(std::string_view text, Tree& tree) : text_(text), tree_(tree) {}

  // Null when the text is no literal; `position` then says where.
  Handle whole() {
    const Handle result = value();
    skip();
    return position_ == text_.size() ? result : nullptr;
  }
  size_t position() const { return position_; }

 private:
  void skip() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0) position_++;
  }
  char peek() {
    skip();
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool take(std::string_view expected) {
    skip();
    if (text_.substr(position_, expected.size()) != expected) return false;
    position_ += expected.size();
    return true;
  }

  Handle value() {
    const char first = peek();
    if (first == '{') return object();
    if (first == '[') return list();
    if (first == '\'') return text();
    if (take("h'")) return bytes();
    if (take("true")) return tree_.boolean(true);
    if (take("false")) return tree_.boolean(false);
    if (first == '-' || std::isdigit(static_cast<unsigned char>(first)) != 0) return number();
    return nullptr;
  }

  Handle object() {
    const Handle result = tree_.object();
    position_++;
    while (!take("}")) {
      skip();
      const size_t start = position_;
      while (position_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[position_])) != 0) position_++;
      const std::string name(text_.substr(start, position_ - start));
      if (name.empty() || !take(":")) return nullptr;
      const Handle member = value();
      if (member == nullptr) return nullptr;
      tree_.set(result, name.c_str(), member);
      if (!take(",") && peek() != '}') return nullptr;
    }
    return result;
  }

  Handle list() {
    const Handle result = tree_.list();
    position_++;
    while (!take("]")) {
      const Handle item = value();
      if (item == nullptr) return nullptr;
      tree_.append(result, item);
      if (!take(",") && peek() != ']') return nullptr;
    }
    return result;
  }

  Handle text() {
    std::string result;
    for (position_++; position_ < text_.size(); position_++) {
      const char character = text_[position_];
      if (character == '\'') {
        position_++;
        return tree_.text(result);
      }
      if (character != '\\') {
        result += character;
      } else if (text_.substr(position_ + 1, 1) == "x" && position_ + 3 < text_.size()) {
        result += static_cast<char>(nibble(text_[position_ + 2]) << 4 | nibble(text_[position_ + 3]));
        position_ += 3;
      } else if (++position_ < text_.size()) {
        result += text_[position_];
      }
    }
    return nullptr;
  }

  Handle bytes() {
    std::vector<uint8_t> result;
    for (; position_ < text_.size(); position_ += 2) {
      if (text_[position_] == '\'') {
        position_++;
        return tree_.bytes(result);
      }
      if (position_ + 1 == text_.size()) break;
      const int byte = nibble(text_[position_]) << 4 | nibble(text_[position_ + 1]);
      if (byte < 0) break;
      result.push_back(static_cast<uint8_t>(byte));
    }
    return nullptr;
  }

  Handle number() {
    const bool negative = take("-");
    uint64_t result = 0;
    while (position_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[position_])) != 0) {
      result = result * 10 + static_cast<uint64_t>(text_[position_++] - '0');
    }
    return negative ? tree_.negative(-static_cast<int64_t>(result)) : tree_.integer(result);
  }

  static int nibble(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -256;
  }

  std::string_view text_;
  Tree& tree_;
  size_t position_ = 0;
};

}  // namespace

const Value* Tree::parse(std::string_view literal) {
  Parser parser(literal, *this);
  const Handle result = parser.whole();
  if (result != nullptr) return static_cast<const Value*>(result);
  Value& complaint = make(Source::Type::other);
  complaint.text = "no literal from '" + std::string(literal.substr(parser.position(), 20)) + "'";
  return &complaint;
}

}  // namespace netlink::test
