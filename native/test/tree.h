// Literal trees: the test's side of Source and Sink.
//
// Written and printed as in JavaScript, bytes as h'0a0b':  { name: 'veth0', info: { kind: 'veth' }, address:
// h'0a000001' }
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "codec/tree.h"

namespace netlink::test {

struct Value {
  Source::Type type = Source::Type::absent;
  bool boolean = false;
  bool negative = false;
  uint64_t number = 0;  // two's complement when negative
  std::string text;
  std::vector<uint8_t> bytes;
  std::vector<std::pair<std::string, const Value*>> members;
  std::vector<const Value*> items;
};

// Owns the values it makes.
class Tree : public Sink {
 public:
  Handle boolean(bool value) override;
  Handle integer(uint64_t value) override;
  Handle negative(int64_t value) override;
  Handle text(std::string_view value) override;
  Handle bytes(Bytes value) override;
  Handle object() override;
  Handle list() override;
  void set(Handle object, const char* name, Handle value) override;
  void append(Handle list, Handle value) override;

  // The value that `literal` describes; a value of the type `other` with the complaint as its text when it is
  // malformed.
  const Value* parse(std::string_view literal);

 private:
  Value& make(Source::Type type);
  std::deque<Value> values_;
};

class TreeSource : public Source {
 public:
  Type type(Handle value) const override;
  bool boolean(Handle value) const override;
  bool integer(Handle value, uint64_t& result, bool& negative) const override;
  std::string_view text(Handle value, std::span<char> buffer) const override;
  Bytes bytes(Handle value) const override;
  Handle member(Handle object, const char* name) const override;
  size_t length(Handle list) const override;
  Handle item(Handle list, size_t index) const override;
};

// On one line while that is short, otherwise one member a line.
std::string print(const Value& value, size_t indent = 0);
inline std::string print(Handle value) { return print(*static_cast<const Value*>(value)); }

}  // namespace netlink::test
