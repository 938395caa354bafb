// Message shapes as data. One table per object drives encoding, decoding and the naming of the attribute that an
// extended acknowledgement points at, so the three cannot disagree.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace netlink {

enum class Kind : uint8_t {
  flag,  // presence is the value: boolean
  u8,    // host byte order integers
  u16,
  u32,
  u64,
  s32,
  be16,  // network byte order integers
  be32,
  be64,
  sbe32,     // network byte order, signed (chain priorities)
  text,      // NUL-terminated
  bytes,     // as given
  ip,        // '192.0.2.1' or '2001:db8::1' as 4 or 16 bytes
  mac,       // '02:00:00:00:00:01' as 6 bytes
  ports,     // struct of two u16: { first, last } (fib_rule_port_range, linux/fib_rules.h)
  object,    // nested attributes of `schema`; a schema with a header starts with it (VETH_INFO_PEER)
  list,      // nested attributes that repeat `item`, which is an object
  variant,   // nested attributes; the schema is chosen by the sibling member `selector`
  elements,  // set elements in packed form, see elements.h
};

struct Schema;

// A number that has a name in the field's own vocabulary. The value read and written is then the word; numbers without
// a word pass as numbers.
struct Name {
  const char* text;
  uint32_t value;
};

struct Variant {
  const char* selected;
  const Schema* schema;
};

// Bytes an integer kind takes.
constexpr size_t width(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return 1;
    case Kind::u16:
    case Kind::be16:
      return 2;
    case Kind::u64:
    case Kind::be64:
      return 8;
    default:
      return 4;
  }
}

// A member of the fixed structure that precedes the attributes.
struct HeaderField {
  const char* name;
  uint8_t offset;
  Kind kind;  // integers only
  std::span<const Name> names{};
};

// One attribute. `type` carries NLA_F_NESTED where the tool that defines the format sets it.
struct Field {
  const char* name;
  uint16_t type;
  Kind kind;
  // Longest payload in bytes that the kernel takes, including the NUL of text; 0 = no limit of its own.
  uint16_t limit = 0;
  const Schema* schema = nullptr;
  const Field* item = nullptr;
  std::span<const Variant> variants{};
  const char* selector = nullptr;
  std::span<const Name> names{};
};

struct Schema {
  const char* name;
  std::span<const Field> fields{};
  uint8_t header_size = 0;
  std::span<const HeaderField> header{};
};

// A message: its number (nlmsg_type) and the shape of its body.
struct MessageType {
  const char* name;
  uint16_t type;
  const Schema* schema;
};

// The message of that name, e.g. "link.new"; null when there is none.
const MessageType* message_type(std::string_view name);
// The message of that number; null when it is unknown.
const MessageType* message_type(uint16_t type);

}  // namespace netlink
