#include "test/round_trip.h"

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/locate.h"
#include "test/hex.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

// Whether everything in `part` is in `whole` too. Leftovers have no place in the encoded message; members of a header
// that was cut short come back as zeros, so `whole` may have more.
bool contains(const Value& whole, const Value& part) {
  if (part.type != whole.type) return false;
  for (const auto& [name, member] : part.members) {
    if (name == "unknown" || name == "truncated") continue;
    const auto* found = static_cast<const Value*>(TreeSource().member(&whole, name.c_str()));
    if (found == nullptr || !contains(*found, *member)) return false;
  }
  if (part.items.size() != whole.items.size()) return false;
  for (size_t index = 0; index < part.items.size(); index++) {
    if (!contains(*whole.items[index], *part.items[index])) return false;
  }
  return part.boolean == whole.boolean && part.negative == whole.negative && part.number == whole.number &&
         part.text == whole.text && part.bytes == whole.bytes;
}

}  // namespace

std::string round_trip_problem(const MessageType& type, Bytes message) {
  const TreeSource source;
  Tree tree;
  const Handle first = decode_message(type, message, tree);
  Buffer once;
  EncodeError error;
  // A text longer than the kernel takes, or an object whose selector came to nothing: decoded, but refused.
  if (!encode_message(type, 0, 0, source, first, once, error)) {
    return error.problem.empty() ? "refused without a reason" : "";
  }
  const Handle second = decode_message(type, once.span(), tree);
  Buffer twice;
  if (!encode_message(type, 0, 0, source, second, twice, error)) {
    return "encoded once, refused then: " + error.path + ": " + error.problem;
  }
  if (to_hex(once.span()) != to_hex(twice.span())) {
    return "encodes to other bytes the second time:" + to_hex(once.span()) + "\nthen" + to_hex(twice.span());
  }
  if (!contains(*static_cast<const Value*>(second), *static_cast<const Value*>(first))) {
    return "something was lost: " + print(first) + "\nthen " + print(second);
  }
  return "";
}

void locate_everywhere(const MessageType& type, Bytes message) {
  for (uint32_t offset = 0; offset <= message.size(); offset++) {
    locate(type, message, offset);
    locate_missing(type, message, offset, 1);
  }
}

}  // namespace netlink::test
