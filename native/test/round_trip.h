// What must hold for every message, whatever its bytes.
#pragma once

#include <string>

#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink::test {

// Decodes `message`; what can be encoded again must decode to the same tree, but for what the schema has no place for
// (`unknown`, `truncated`), and encode to the same bytes from then on. Empty when all that holds.
std::string round_trip_problem(const MessageType& type, Bytes message);

// The offsets of `message` must all be nameable.
void locate_everywhere(const MessageType& type, Bytes message);

}  // namespace netlink::test
