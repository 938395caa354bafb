#include "test/canonical.h"

#include <algorithm>

#include "codec/attributes.h"
#include "codec/buffer.h"

namespace netlink::test {
namespace {

using Encoded = std::vector<uint8_t>;

class Canonical {
 public:
  explicit Canonical(Quirks quirks) : quirks_(quirks) {}

  Encoded structure(const Schema& schema, Bytes bytes) {
    const size_t header = std::min(header_length(schema), bytes.size());
    Encoded result(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
    const Bytes range = bytes.subspan(header);
    std::vector<Encoded> parts;
    Attributes attributes(range);
    for (Attribute attribute; attributes.next(attribute);) {
      const Field* field = find_field(schema, attribute.type);
      if (field == nullptr && (quirks_ & unknown) != 0) continue;
      parts.push_back(this->attribute(schema, field, attribute, range));
    }
    if ((quirks_ & order) != 0) std::sort(parts.begin(), parts.end(), before);
    for (const Encoded& part : parts) result.insert(result.end(), part.begin(), part.end());
    return result;
  }

 private:
  // Any order will do; that of std::vector makes g++ 12 warn of a comparison without end.
  static bool before(const Encoded& left, const Encoded& right) {
    if (left.size() != right.size()) return left.size() < right.size();
    return std::memcmp(left.data(), right.data(), left.size()) < 0;
  }

  Encoded attribute(const Schema& schema, const Field* field, const Attribute& attribute, Bytes range) {
    Encoded payload(attribute.payload.begin(), attribute.payload.end());
    const Schema* inner = field == nullptr               ? nullptr
                          : field->kind == Kind::object  ? field->schema
                          : field->kind == Kind::variant ? select_variant(schema, *field, range)
                                                         : nullptr;
    if (inner != nullptr) {
      payload = structure(*inner, attribute.payload);
    } else if (field != nullptr && field->kind == Kind::list) {
      payload = list(*field->item, attribute.payload);
    } else if (field != nullptr && field->kind == Kind::text && (quirks_ & terminator) != 0 &&
               (payload.empty() || payload.back() != 0)) {
      payload.push_back(0);
    }
    return attribute_with(raw_type(range, attribute), payload);
  }

  Encoded list(const Field& item, Bytes bytes) {
    Encoded result;
    Attributes attributes(bytes);
    for (Attribute attribute; attributes.next(attribute);) {
      const uint16_t type = (quirks_ & numbered) != 0 ? item.type : raw_type(bytes, attribute);
      const Encoded part = attribute_with(type, structure(*item.schema, attribute.payload));
      result.insert(result.end(), part.begin(), part.end());
    }
    return result;
  }

  // With the flags that Attributes leaves out.
  static uint16_t raw_type(Bytes range, const Attribute& attribute) {
    nlattr header{};
    std::memcpy(&header, range.data() + attribute.offset, sizeof header);
    return header.nla_type;
  }

  static Encoded attribute_with(uint16_t type, const Encoded& payload) {
    Buffer buffer;
    buffer.attribute(type, payload.data(), payload.size());
    return buffer.take();
  }

  Quirks quirks_;
};

}  // namespace

std::vector<uint8_t> canonical(const MessageType& type, Bytes message, Quirks quirks) {
  Encoded result = Canonical(quirks).structure(*type.schema, message.subspan(NLMSG_HDRLEN));
  // Without the length, which the quirks change: the attributes have their own.
  nlmsghdr header{};
  std::memcpy(&header, message.data(), sizeof header);
  header.nlmsg_len = 0;
  const auto* start = reinterpret_cast<const uint8_t*>(&header);
  result.insert(result.begin(), start, start + sizeof header);
  return result;
}

}  // namespace netlink::test
