// Packed elements encode to the bytes of the same elements as objects.
#include "codec/elements.h"

#include "codec/encode.h"
#include "test/check.h"
#include "test/golden.h"
#include "test/hex.h"
#include "test/message_builder.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

// The bytes, or the refusal.
std::string encoded(const Value* body) {
  if (body->type == Source::Type::other) return body->text;
  Buffer buffer;
  EncodeError error;
  const bool done = encode_message(message("nft.element.new"), 0, 0, TreeSource(), body, buffer, error);
  return done ? to_hex(buffer.span()) : error.path + ": " + error.problem;
}

std::string packed(const std::string& block) {
  Tree tree;
  return encoded(tree.parse("{ table: 't', set: 's', packed: " + block + " }"));
}

std::string plain(const std::string& elements) {
  Tree tree;
  return encoded(tree.parse("{ table: 't', set: 's', elements: " + elements + " }"));
}

TEST(packed_elements_are_the_elements) {
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a0000010a000002' }"),
              plain("[ { key: { value: h'0a000001' } }, { key: { value: h'0a000002' } } ]"));
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a0000010a000002', flags: h'0001' }"),
              plain("[ { key: { value: h'0a000001' } }, { flags: 1, key: { value: h'0a000002' } } ]"));
  CHECK_EQUAL(packed("{ keyLength: 8, keys: h'0600000000500000', keyEnds: h'06000000005a0000' }"),
              plain("[ { key: { value: h'0600000000500000' }, keyEnd: { value: h'06000000005a0000' } } ]"));
  CHECK_EQUAL(packed("{ keyLength: 2, keys: h'00500051', dataLength: 4, data: h'0a0000010a000002' }"),
              plain("[ { key: { value: h'0050' }, data: { value: h'0a000001' } },"
                    "  { key: { value: h'0051' }, data: { value: h'0a000002' } } ]"));
  // The end of an interval has no data; what stands in its place is not read.
  CHECK_EQUAL(
      packed("{ keyLength: 2, keys: h'00500051', flags: h'0001', dataLength: 4, data: h'0a00000100000000' }"),
      plain("[ { key: { value: h'0050' }, data: { value: h'0a000001' } }, { flags: 1, key: { value: h'0051' } } ]"));
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'' }"), plain("[]"));
}

// The packed form of a list, or an empty text when it has elements that cannot be packed.
std::string block_of(const Value& list) {
  const TreeSource source;
  std::vector<uint8_t> keys;
  std::vector<uint8_t> ends;
  std::vector<uint8_t> data;
  std::vector<uint8_t> flags;
  size_t key_length = 0;
  size_t data_length = 0;
  const auto value = [&](const Value* element, const char* member) {
    const Handle holder = source.member(element, member);
    const Handle bytes = holder == nullptr ? nullptr : source.member(holder, "value");
    return bytes == nullptr ? Bytes{} : source.bytes(bytes);
  };
  for (const Value* element : list.items) {
    for (const auto& [name, member] : element->members) {
      if (name == "data" && value(element, "data").empty()) return "";  // a verdict
      if (name != "flags" && name != "key" && name != "keyEnd" && name != "data") return "";
    }
    data_length = std::max(data_length, value(element, "data").size());
  }
  for (const Value* element : list.items) {
    const Bytes key = value(element, "key");
    if (key.empty()) return "";
    key_length = key.size();
    keys.insert(keys.end(), key.begin(), key.end());
    const Bytes end = value(element, "keyEnd");
    ends.insert(ends.end(), end.begin(), end.end());
    const Bytes datum = value(element, "data");
    data.insert(data.end(), datum.begin(), datum.end());
    data.insert(data.end(), data_length - datum.size(), 0);
    const auto* flag = static_cast<const Value*>(source.member(element, "flags"));
    flags.push_back(flag == nullptr ? 0 : static_cast<uint8_t>(flag->number));
  }
  Tree tree;
  const Handle block = tree.object();
  tree.set(block, "keyLength", tree.integer(key_length));
  tree.set(block, "keys", tree.bytes(keys));
  tree.set(block, "flags", tree.bytes(flags));
  if (!ends.empty()) tree.set(block, "keyEnds", tree.bytes(ends));
  if (data_length > 0) {
    tree.set(block, "dataLength", tree.integer(data_length));
    tree.set(block, "data", tree.bytes(data));
  }
  return print(block);
}

TEST(what_nft_sends_can_be_packed) {
  int compared = 0;
  for (const Golden& golden : all_golden()) {
    if (golden.message != "nft.element.new") continue;
    Tree tree;
    const auto* list = static_cast<const Value*>(TreeSource().member(tree.parse(golden.tree), "elements"));
    const std::string block = block_of(*list);
    if (block.empty()) continue;
    compared++;
    CHECK_EQUAL(packed(block), plain(print(*list)));
  }
  CHECK(compared >= 8);
}

TEST(packed_elements_that_do_not_add_up_are_refused) {
  CHECK_EQUAL(packed("5"), "packed: expected packed elements");
  CHECK_EQUAL(packed("{}"), "packed.keyLength: expected 1 to 64 bytes");
  CHECK_EQUAL(packed("{ keyLength: 0 }"), "packed.keyLength: expected 1 to 64 bytes");
  CHECK_EQUAL(packed("{ keyLength: 65 }"), "packed.keyLength: expected 1 to 64 bytes");
  CHECK_EQUAL(packed("{ keyLength: -4 }"), "packed.keyLength: expected 1 to 64 bytes");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a0000' }"), "packed.keys: not a whole number of keys");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: 'text' }"), "packed.keys: expected bytes");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', keyEnds: h'0a' }"), "packed.keyEnds: not as many as keys");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', keyEnds: [] }"), "packed.keyEnds: expected bytes");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', flags: h'0000' }"), "packed.flags: not as many as keys");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', flags: 1 }"), "packed.flags: expected bytes");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', data: h'01' }"), "packed.data: not as many as keys");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', dataLength: 4, data: h'01' }"),
              "packed.data: not as many as keys");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'0a000001', dataLength: 65 }"),
              "packed.dataLength: expected 0 to 64 bytes");
  CHECK_EQUAL(packed("{ keyLength: 4, keys: h'" + std::string(size_t{8} * 4096, '0') + "' }"),
              "packed: longer than the 65535 bytes one attribute can hold");
}

}  // namespace
}  // namespace netlink::test
