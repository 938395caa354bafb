#include "codec/encode.h"

#include <arpa/inet.h>
#include <endian.h>

#include <array>

#include "codec/attributes.h"
#include "codec/elements.h"

namespace netlink {
namespace {

class Encoder {
 public:
  Encoder(const Source& source, Buffer& buffer, EncodeError& error) : source_(source), buffer_(buffer), error_(error) {}

  bool structure(const Schema& schema, Handle object, int depth = 0) {
    if (source_.type(object) != Source::Type::object) return fail("expected an object");
    if (depth > deepest) return fail("nested too deep");
    const size_t header = buffer_.zeros(header_length(schema));
    for (const HeaderField& field : schema.header) {
      const Handle value = source_.member(object, field.name);
      if (source_.type(value) == Source::Type::absent) continue;
      uint64_t number = 0;
      if (!integer(value, field.kind, field.names, number)) return under(field.name);
      store(header + field.offset, field.kind, number);
    }
    for (const Field& field : schema.fields) {
      const Handle value = source_.member(object, field.name);
      if (source_.type(value) == Source::Type::absent) continue;
      if (!attribute(field, value, object, depth)) return under(field.name);
    }
    return true;
  }

 private:
  bool fail(const char* problem) {
    error_.path.clear();
    error_.problem = problem;
    return false;
  }
  bool under(const char* name) {
    const bool joined = error_.path.empty() || error_.path.front() == '[';
    error_.path = name + std::string(joined ? "" : ".") + error_.path;
    return false;
  }
  // As locate() names them: expressions[2].data
  bool under(size_t index) {
    error_.path = "[" + std::to_string(index) + "]" + (error_.path.empty() ? "" : ".") + error_.path;
    return false;
  }

  bool attribute(const Field& field, Handle value, Handle parent, int depth) {
    switch (field.kind) {
      case Kind::flag:
        if (source_.type(value) != Source::Type::boolean) return fail("expected a boolean");
        if (source_.boolean(value)) buffer_.attribute(field.type, nullptr, 0);
        return true;
      case Kind::u8:
      case Kind::u16:
      case Kind::u32:
      case Kind::u64:
      case Kind::s32:
      case Kind::be16:
      case Kind::be32:
      case Kind::be64:
      case Kind::sbe32: {
        uint64_t number = 0;
        if (!integer(value, field.kind, field.names, number)) return false;
        const size_t start = buffer_.open(field.type);
        store(buffer_.zeros(width(field.kind)), field.kind, number);
        return buffer_.close(start);
      }
      case Kind::text:
        return text(field, value);
      case Kind::bytes: {
        if (source_.type(value) != Source::Type::bytes) return fail("expected bytes");
        const Bytes bytes = source_.bytes(value);
        if (bytes.size() > (field.limit != 0 ? field.limit : UINT16_MAX - NLA_HDRLEN)) return fail("too many bytes");
        buffer_.attribute(field.type, bytes.data(), bytes.size());
        return true;
      }
      case Kind::ip:
        return ip(field, value);
      case Kind::mac:
        return mac(field, value);
      case Kind::ports: {
        if (source_.type(value) != Source::Type::object) return fail("expected an object");
        uint64_t first = 0;
        uint64_t last = 0;
        if (!integer(source_.member(value, "first"), Kind::u16, {}, first)) return under("first");
        if (!integer(source_.member(value, "last"), Kind::u16, {}, last)) return under("last");
        const std::array<uint16_t, 2> range{static_cast<uint16_t>(first), static_cast<uint16_t>(last)};
        buffer_.attribute(field.type, range);
        return true;
      }
      case Kind::object: {
        const size_t start = buffer_.open(field.type);
        return structure(*field.schema, value, depth + 1) && close(start);
      }
      case Kind::list: {
        if (source_.type(value) != Source::Type::list) return fail("expected a list");
        const size_t start = buffer_.open(field.type);
        const size_t length = source_.length(value);
        for (size_t index = 0; index < length; index++) {
          if (!attribute(*field.item, source_.item(value, index), value, depth + 1)) return under(index);
        }
        return close(start);
      }
      case Kind::variant: {
        std::array<char, 64> scratch{};
        const Handle selector = source_.member(parent, field.selector);
        const bool is_text = source_.type(selector) == Source::Type::text;
        const std::string_view selected = is_text ? source_.text(selector, scratch) : std::string_view{};
        for (const Variant& variant : field.variants) {
          if (selected != variant.selected) continue;
          const size_t start = buffer_.open(field.type);
          return structure(*variant.schema, value, depth + 1) && close(start);
        }
        error_.path.clear();
        error_.problem = "nothing is known of " + std::string(field.selector) + " '" + std::string(selected) + "'";
        return false;
      }
      case Kind::elements: {
        const size_t start = buffer_.open(field.type);
        return encode_elements(source_, value, buffer_, error_) && close(start);
      }
    }
    return fail("unknown kind");
  }

  bool close(size_t start) {
    return buffer_.close(start) || fail("longer than the 65535 bytes one attribute can hold");
  }

  bool integer(Handle value, Kind kind, std::span<const Name> names, uint64_t& result) {
    const Source::Type type = source_.type(value);
    if (type == Source::Type::text && !names.empty()) {
      std::array<char, 64> scratch{};
      const std::string_view word = source_.text(value, scratch);
      for (const Name& name : names) {
        if (word == name.text) {
          result = name.value;
          return true;
        }
      }
      error_.path.clear();
      error_.problem = "'" + std::string(word) + "' is none of its words";
      return false;
    }
    if (type == Source::Type::boolean && kind == Kind::u8) {
      result = source_.boolean(value) ? 1 : 0;
      return true;
    }
    bool negative = false;
    if (type != Source::Type::number || !source_.integer(value, result, negative)) return fail("expected an integer");
    if (negative) {
      const auto number = static_cast<int64_t>(result);
      if ((kind != Kind::s32 && kind != Kind::sbe32) || number < INT32_MIN) return fail("out of range");
      return true;
    }
    const uint64_t most = kind == Kind::s32 || kind == Kind::sbe32 ? INT32_MAX
                          : width(kind) == 8                       ? UINT64_MAX
                                                                   : (uint64_t{1} << (8 * width(kind))) - 1;
    return result <= most || fail("out of range");
  }

  void store(size_t offset, Kind kind, uint64_t number) {
    switch (kind) {
      case Kind::u8:
        return buffer_.put(offset, static_cast<uint8_t>(number));
      case Kind::u16:
        return buffer_.put(offset, static_cast<uint16_t>(number));
      case Kind::be16:
        return buffer_.put(offset, htons(static_cast<uint16_t>(number)));
      case Kind::be32:
      case Kind::sbe32:
        return buffer_.put(offset, htonl(static_cast<uint32_t>(number)));
      case Kind::u64:
        return buffer_.put(offset, number);
      case Kind::be64:
        return buffer_.put(offset, htobe64(number));
      default:
        return buffer_.put(offset, static_cast<uint32_t>(number));
    }
  }

  bool text(const Field& field, Handle value) {
    if (source_.type(value) != Source::Type::text) return fail("expected text");
    std::array<char, 1024> scratch{};
    const std::string_view word = source_.text(value, scratch);
    const size_t limit = field.limit != 0 ? field.limit : scratch.size();
    if (word.data() == nullptr || word.size() + 1 > limit) {
      error_.path.clear();
      error_.problem = "longer than " + std::to_string(limit - 1) + " bytes";
      return false;
    }
    if (word.find('\0') != std::string_view::npos) return fail("contains a NUL");
    const size_t start = buffer_.open(field.type);
    buffer_.append(word.data(), word.size());
    buffer_.zeros(1);
    return buffer_.close(start);
  }

  bool ip(const Field& field, Handle value) {
    std::array<char, 64> scratch{};
    std::array<uint8_t, 16> address{};
    const bool is_text = source_.type(value) == Source::Type::text;
    const std::string_view word = is_text ? source_.text(value, scratch) : std::string_view{};
    // inet_pton needs a terminated string; `scratch` was zeroed and text() leaves room only when it fits.
    if (word.data() == nullptr || word.size() >= scratch.size()) return fail("expected an IP address");
    if (word.find('\0') != std::string_view::npos) return fail("contains a NUL");
    std::array<char, 65> terminated{};
    std::memcpy(terminated.data(), word.data(), word.size());
    if (inet_pton(AF_INET, terminated.data(), address.data()) == 1) {
      buffer_.attribute(field.type, address.data(), 4);
    } else if (inet_pton(AF_INET6, terminated.data(), address.data()) == 1) {
      buffer_.attribute(field.type, address.data(), 16);
    } else {
      error_.path.clear();
      error_.problem = "'" + std::string(word) + "' is no IP address";
      return false;
    }
    return true;
  }

  bool mac(const Field& field, Handle value) {
    std::array<char, 24> scratch{};
    std::array<uint8_t, 6> address{};
    const bool is_text = source_.type(value) == Source::Type::text;
    const std::string_view word = is_text ? source_.text(value, scratch) : std::string_view{};
    if (word.data() == nullptr || word.size() != 17) return fail("expected a MAC address");
    for (size_t index = 0; index < 17; index++) {
      const char digit = word[index];
      if (index % 3 == 2) {
        if (digit != ':') return fail("expected a MAC address");
        continue;
      }
      const int nibble = digit >= '0' && digit <= '9'   ? digit - '0'
                         : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                         : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                        : -1;
      if (nibble < 0) return fail("expected a MAC address");
      address[index / 3] = static_cast<uint8_t>(address[index / 3] << 4 | nibble);
    }
    buffer_.attribute(field.type, address.data(), address.size());
    return true;
  }

  const Source& source_;
  Buffer& buffer_;
  EncodeError& error_;
};

}  // namespace

bool encode_message(const MessageType& type, uint16_t flags, uint32_t sequence, const Source& source, Handle body,
                    Buffer& buffer, EncodeError& error) {
  const size_t start = buffer.zeros(NLMSG_HDRLEN);
  Encoder encoder(source, buffer, error);
  if (!encoder.structure(*type.schema, body)) {
    buffer.truncate(start);
    return false;
  }
  buffer.put(start, nlmsghdr{static_cast<uint32_t>(buffer.size() - start), type.type,
                             static_cast<uint16_t>(flags | NLM_F_REQUEST), sequence, 0});
  return true;
}

}  // namespace netlink
