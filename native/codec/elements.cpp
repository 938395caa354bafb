#include "codec/elements.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>

namespace netlink {
namespace {

constexpr size_t longest_key = 64;   // NFT_DATA_VALUE_MAXLEN, linux/netfilter/nf_tables.h
constexpr size_t longest_data = 64;  // likewise

bool fail(EncodeError& error, const char* member, const char* problem) {
  error.path = member;
  error.problem = problem;
  return false;
}

// A block of the packed form; absent is empty.
bool block_of(const Source& source, Handle elements, const char* member, Bytes& block, EncodeError& error) {
  const Handle value = source.member(elements, member);
  const Source::Type type = source.type(value);
  if (type == Source::Type::absent) return true;
  if (type != Source::Type::bytes) return fail(error, member, "expected bytes");
  block = source.bytes(value);
  return true;
}

// NFTA_SET_ELEM_KEY, _KEY_END and _DATA all hold one NFTA_DATA_VALUE.
void value(Buffer& buffer, uint16_t type, const uint8_t* bytes, size_t length) {
  const size_t start = buffer.open(type | NLA_F_NESTED);
  buffer.attribute(NFTA_DATA_VALUE, bytes, length);
  buffer.close(start);
}

}  // namespace

bool encode_elements(const Source& source, Handle block, Buffer& buffer, EncodeError& error) {
  if (source.type(block) != Source::Type::object) return fail(error, "", "expected packed elements");
  uint64_t key_length = 0;
  uint64_t data_length = 0;
  bool negative = false;
  if (!source.integer(source.member(block, "keyLength"), key_length, negative) || negative || key_length == 0 ||
      key_length > longest_key) {
    return fail(error, "keyLength", "expected 1 to 64 bytes");
  }
  const Handle data_length_member = source.member(block, "dataLength");
  if (source.type(data_length_member) != Source::Type::absent &&
      (!source.integer(data_length_member, data_length, negative) || negative || data_length > longest_data)) {
    return fail(error, "dataLength", "expected 0 to 64 bytes");
  }
  Bytes keys;
  Bytes ends;
  Bytes data;
  Bytes flags;
  if (!block_of(source, block, "keys", keys, error) || !block_of(source, block, "keyEnds", ends, error) ||
      !block_of(source, block, "data", data, error) || !block_of(source, block, "flags", flags, error)) {
    return false;
  }
  if (keys.size() % key_length != 0) return fail(error, "keys", "not a whole number of keys");
  const size_t count = keys.size() / key_length;
  if (!ends.empty() && ends.size() != keys.size()) return fail(error, "keyEnds", "not as many as keys");
  if (!flags.empty() && flags.size() != count) return fail(error, "flags", "not as many as keys");
  if (data.size() != (data_length == 0 ? 0 : count * data_length)) return fail(error, "data", "not as many as keys");

  for (size_t index = 0; index < count; index++) {
    const size_t start = buffer.open(NFTA_LIST_ELEM | NLA_F_NESTED);
    const uint8_t element_flags = flags.empty() ? 0 : flags[index];
    if (element_flags != 0) buffer.attribute(NFTA_SET_ELEM_FLAGS, htonl(element_flags));
    value(buffer, NFTA_SET_ELEM_KEY, keys.data() + index * key_length, key_length);
    if (!ends.empty()) value(buffer, NFTA_SET_ELEM_KEY_END, ends.data() + index * key_length, key_length);
    // The end of a plain interval carries no data of its own (nft_set_elem, net/netfilter/nf_tables_api.c).
    if (data_length != 0 && (element_flags & NFT_SET_ELEM_INTERVAL_END) == 0) {
      value(buffer, NFTA_SET_ELEM_DATA, data.data() + index * data_length, data_length);
    }
    buffer.close(start);
  }
  return true;
}

}  // namespace netlink
