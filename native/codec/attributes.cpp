#include "codec/attributes.h"

#include <arpa/inet.h>

namespace netlink {
namespace {

// The word in a selecting attribute: its text, or the name of its number (objects are chosen by NFTA_OBJ_TYPE).
std::string_view word_of(const Field& selector, Bytes payload) {
  if (selector.kind == Kind::text) return text_of(payload);
  uint32_t number = 0;
  if (payload.size() != sizeof number) return {};
  std::memcpy(&number, payload.data(), sizeof number);
  for (const Name& name : selector.names) {
    if (name.value == ntohl(number)) return name.text;
  }
  return {};
}

}  // namespace

const Schema* select_variant(const Schema& schema, const Field& field, Bytes siblings) {
  std::string_view word;
  Attributes attributes(siblings);
  for (Attribute attribute; attributes.next(attribute);) {
    const Field* sibling = find_field(schema, attribute.type);
    if (sibling == nullptr || std::string_view(sibling->name) != field.selector) continue;
    word = word_of(*sibling, attribute.payload);
  }
  for (const Variant& variant : field.variants) {
    if (word == variant.selected) return variant.schema;
  }
  return nullptr;
}

}  // namespace netlink
