// Walks the attributes of a byte range without trusting their lengths.
#pragma once

#include <linux/netlink.h>

#include <cstring>

#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink {

// Structures nest at most so deep: a hostile message, or a JavaScript object that contains itself, would go on without
// end. Real messages are at most 7 deep.
inline constexpr int deepest = 16;

struct Attribute {
  uint16_t type;  // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
  Bytes payload;
  size_t offset;  // of the attribute's header from the start of the range
};

class Attributes {
 public:
  explicit Attributes(Bytes range) : range_(range) {}

  // Reads the next attribute; false at the end, or when what is left is no whole attribute (then `truncated` is set).
  bool next(Attribute& attribute) {
    if (position_ >= range_.size()) return false;
    nlattr header{};
    if (range_.size() - position_ < sizeof header) return stop();
    std::memcpy(&header, range_.data() + position_, sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > range_.size() - position_) return stop();
    attribute = {static_cast<uint16_t>(header.nla_type & NLA_TYPE_MASK),
                 range_.subspan(position_ + sizeof header, header.nla_len - sizeof header), position_};
    position_ += NLA_ALIGN(header.nla_len);
    return true;
  }
  bool truncated() const { return truncated_; }

 private:
  bool stop() {
    truncated_ = true;
    position_ = range_.size();
    return false;
  }
  Bytes range_;
  size_t position_ = 0;
  bool truncated_ = false;
};

// The field of `schema` for an attribute type; null when the schema has none.
inline const Field* find_field(const Schema& schema, uint16_t type) {
  for (const Field& field : schema.fields) {
    if ((field.type & NLA_TYPE_MASK) == type && field.kind != Kind::elements) return &field;
  }
  return nullptr;
}

// The bytes the schema's header occupies, padded as netlink pads it.
inline size_t header_length(const Schema& schema) { return (schema.header_size + size_t{3}) & ~size_t{3}; }

// Text as the kernel sends it: up to the NUL, which may be missing.
inline std::string_view text_of(Bytes payload) {
  const auto* characters = reinterpret_cast<const char*>(payload.data());
  return payload.empty() ? std::string_view{} : std::string_view(characters, strnlen(characters, payload.size()));
}

// The schema of a variant attribute, chosen by its sibling; null when the sibling is missing or names nothing known. Of
// a repeated sibling the last counts, as in the kernel's own parser.
const Schema* select_variant(const Schema& schema, const Field& field, Bytes siblings);

}  // namespace netlink
