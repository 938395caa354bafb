#include "codec/decode.h"

#include <arpa/inet.h>

#include <array>
#include <cstdio>

#include "codec/attributes.h"

namespace netlink {
namespace {

template <typename T>
T load(const uint8_t* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

class Decoder {
 public:
  explicit Decoder(Sink& sink) : sink_(sink) {}

  Handle structure(const Schema& schema, Bytes bytes, int depth) {
    const Handle object = sink_.object();
    bool truncated = false;
    if (schema.header_size > 0) {
      for (const HeaderField& field : schema.header) {
        if (field.offset + width(field.kind) > bytes.size()) {
          truncated = true;
          continue;
        }
        sink_.set(object, field.name, integer(field.kind, field.names, bytes.data() + field.offset));
      }
      bytes = bytes.size() < header_length(schema) ? Bytes{} : bytes.subspan(header_length(schema));
    }
    Handle unknown = nullptr;
    const auto keep = [&](const Attribute& attribute) {
      if (unknown == nullptr) sink_.set(object, "unknown", unknown = sink_.list());
      const Handle kept = sink_.object();
      sink_.set(kept, "type", sink_.integer(attribute.type));
      sink_.set(kept, "value", sink_.bytes(attribute.payload));
      sink_.append(unknown, kept);
    };
    Attributes attributes(bytes);
    for (Attribute attribute; attributes.next(attribute);) {
      const Field* field = find_field(schema, attribute.type);
      const Schema* chosen =
          field != nullptr && field->kind == Kind::variant ? select_variant(schema, *field, bytes) : nullptr;
      const Handle value =
          field == nullptr ? nullptr : this->attribute(*field, chosen, attribute.payload, depth, truncated);
      if (value != nullptr) {
        sink_.set(object, field->name, value);
      } else {
        keep(attribute);
      }
    }
    if (truncated || attributes.truncated()) sink_.set(object, "truncated", sink_.boolean(true));
    return object;
  }

 private:
  // Null when the payload does not fit the field: it is then kept as unknown. Sets `truncated` when a list ends within
  // an item.
  Handle attribute(const Field& field, const Schema* chosen, Bytes payload, int depth, bool& truncated) {
    switch (field.kind) {
      case Kind::flag:
        return sink_.boolean(true);
      case Kind::text:
        return sink_.text(text_of(payload));
      case Kind::bytes:
        return sink_.bytes(payload);
      case Kind::ip:
        return ip(payload);
      case Kind::mac:
        return mac(payload);
      case Kind::ports: {
        if (payload.size() != 4) return nullptr;
        const Handle range = sink_.object();
        sink_.set(range, "first", sink_.integer(load<uint16_t>(payload.data())));
        sink_.set(range, "last", sink_.integer(load<uint16_t>(payload.data() + 2)));
        return range;
      }
      case Kind::object:
        return depth >= deepest ? nullptr : structure(*field.schema, payload, depth + 1);
      case Kind::variant:
        return chosen == nullptr || depth >= deepest ? nullptr : structure(*chosen, payload, depth + 1);
      case Kind::list: {
        // Two levels at once, so that no item can be refused for its depth after the list was begun.
        if (depth + 1 >= deepest) return nullptr;
        const Handle list = sink_.list();
        Attributes attributes(payload);
        // The kernel ignores the type of an item, and nft numbers the elements of a set with it.
        for (Attribute item; attributes.next(item);) {
          sink_.append(list, structure(*field.item->schema, item.payload, depth + 2));
        }
        truncated = truncated || attributes.truncated();
        return list;
      }
      case Kind::elements:
        return nullptr;
      default:
        // Some kernels send a narrower number as a wider attribute or the reverse; only an exact width is understood.
        return payload.size() == width(field.kind) ? integer(field.kind, field.names, payload.data()) : nullptr;
    }
  }

  Handle integer(Kind kind, std::span<const Name> names, const uint8_t* bytes) {
    uint64_t number = 0;
    switch (kind) {
      case Kind::u8:
        number = *bytes;
        break;
      case Kind::u16:
        number = load<uint16_t>(bytes);
        break;
      case Kind::be16:
        number = ntohs(load<uint16_t>(bytes));
        break;
      case Kind::be32:
      case Kind::sbe32:
        number = ntohl(load<uint32_t>(bytes));
        break;
      case Kind::u64:
        number = load<uint64_t>(bytes);
        break;
      case Kind::be64:
        number = uint64_t{ntohl(load<uint32_t>(bytes))} << 32 | ntohl(load<uint32_t>(bytes + 4));
        break;
      default:
        number = load<uint32_t>(bytes);
    }
    for (const Name& name : names) {
      if (name.value == number) return sink_.text(name.text);
    }
    if ((kind == Kind::s32 || kind == Kind::sbe32) && static_cast<int32_t>(number) < 0)
      return sink_.negative(static_cast<int32_t>(number));
    return sink_.integer(number);
  }

  Handle ip(Bytes payload) {
    std::array<char, INET6_ADDRSTRLEN> word{};
    const int family = payload.size() == 4 ? AF_INET : payload.size() == 16 ? AF_INET6 : AF_UNSPEC;
    if (family == AF_UNSPEC || inet_ntop(family, payload.data(), word.data(), word.size()) == nullptr) return nullptr;
    return sink_.text(word.data());
  }

  Handle mac(Bytes payload) {
    if (payload.size() != 6) return nullptr;
    std::array<char, 18> word{};
    std::snprintf(word.data(), word.size(), "%02x:%02x:%02x:%02x:%02x:%02x", payload[0], payload[1], payload[2],
                  payload[3], payload[4], payload[5]);
    return sink_.text(word.data());
  }

  Sink& sink_;
};

}  // namespace

Handle decode_message(const MessageType& type, Bytes message, Sink& sink) {
  const Bytes body = message.size() < NLMSG_HDRLEN ? Bytes{} : message.subspan(NLMSG_HDRLEN);
  return Decoder(sink).structure(*type.schema, body, 0);
}

}  // namespace netlink
