#include "test/tree.h"

#include <algorithm>
#include <cstring>

namespace netlink::test {

using Type = Source::Type;

Value& Tree::make(Type type) {
  values_.emplace_back().type = type;
  return values_.back();
}

Handle Tree::boolean(bool value) {
  Value& made = make(Type::boolean);
  made.boolean = value;
  return &made;
}

Handle Tree::integer(uint64_t value) {
  Value& made = make(Type::number);
  made.number = value;
  return &made;
}

Handle Tree::negative(int64_t value) {
  Value& made = make(Type::number);
  made.number = static_cast<uint64_t>(value);
  made.negative = true;
  return &made;
}

Handle Tree::text(std::string_view value) {
  Value& made = make(Type::text);
  made.text = value;
  return &made;
}

Handle Tree::bytes(Bytes value) {
  Value& made = make(Type::bytes);
  made.bytes.assign(value.begin(), value.end());
  return &made;
}

Handle Tree::object() { return &make(Type::object); }
Handle Tree::list() { return &make(Type::list); }

void Tree::set(Handle object, const char* name, Handle value) {
  auto& members = static_cast<Value*>(const_cast<void*>(object))->members;
  const auto* added = static_cast<const Value*>(value);
  // As in a JavaScript object, the last assignment stays.
  const auto same =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == name; });
  if (same != members.end()) {
    same->second = added;
  } else {
    members.emplace_back(name, added);
  }
}

void Tree::append(Handle list, Handle value) {
  static_cast<Value*>(const_cast<void*>(list))->items.push_back(static_cast<const Value*>(value));
}

Type TreeSource::type(Handle value) const {
  return value == nullptr ? Type::absent : static_cast<const Value*>(value)->type;
}

bool TreeSource::boolean(Handle value) const { return static_cast<const Value*>(value)->boolean; }

bool TreeSource::integer(Handle value, uint64_t& result, bool& negative) const {
  if (type(value) != Type::number) return false;
  result = static_cast<const Value*>(value)->number;
  negative = static_cast<const Value*>(value)->negative;
  return true;
}

std::string_view TreeSource::text(Handle value, std::span<char> buffer) const {
  const std::string& text = static_cast<const Value*>(value)->text;
  if (text.size() > buffer.size()) return {};
  std::memcpy(buffer.data(), text.data(), text.size());
  return {buffer.data(), text.size()};
}

Bytes TreeSource::bytes(Handle value) const { return static_cast<const Value*>(value)->bytes; }

Handle TreeSource::member(Handle object, const char* name) const {
  for (const auto& [key, value] : static_cast<const Value*>(object)->members) {
    if (key == name) return value;
  }
  return nullptr;
}

size_t TreeSource::length(Handle list) const { return static_cast<const Value*>(list)->items.size(); }
Handle TreeSource::item(Handle list, size_t index) const { return static_cast<const Value*>(list)->items[index]; }

namespace {

constexpr size_t width = 110;
constexpr std::string_view digits = "0123456789abcdef";

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char character : text) {
    if (character == '\'' || character == '\\') result += '\\';
    if (static_cast<unsigned char>(character) < ' ') {
      result += "\\x";
      result += digits[static_cast<unsigned char>(character) >> 4];
      result += digits[character & 15];
    } else {
      result += character;
    }
  }
  return result + "'";
}

std::string enclosed(const std::vector<std::string>& parts, const char* open, const char* close, size_t indent) {
  if (parts.empty()) return std::string(open) + close;
  std::string line = std::string(open) + " ";
  bool broken = false;
  for (const std::string& part : parts) {
    if (line.size() > 2) line += ", ";
    line += part;
    broken = broken || part.find('\n') != std::string::npos;
  }
  line += std::string(" ") + close;
  if (!broken && indent + line.size() <= width) return line;
  std::string lines = std::string(open) + "\n";
  for (const std::string& part : parts) lines += std::string(indent + 2, ' ') + part + ",\n";
  return lines + std::string(indent, ' ') + close;
}

}  // namespace

std::string print(const Value& value, size_t indent) {
  std::vector<std::string> parts;
  switch (value.type) {
    case Type::boolean:
      return value.boolean ? "true" : "false";
    case Type::number:
      return value.negative ? std::to_string(static_cast<int64_t>(value.number)) : std::to_string(value.number);
    case Type::text:
      return quoted(value.text);
    case Type::bytes:
      return "h'" + hex(value.bytes) + "'";
    case Type::object:
      for (const auto& [name, member] : value.members) parts.push_back(name + ": " + print(*member, indent + 2));
      return enclosed(parts, "{", "}", indent);
    case Type::list:
      for (const Value* item : value.items) parts.push_back(print(*item, indent + 2));
      return enclosed(parts, "[", "]", indent);
    case Type::absent:
      return "undefined";
    case Type::other:
      return "other(" + value.text + ")";
  }
  return "";
}

}  // namespace netlink::test
