// Bytes to values, driven by a message's schema.
#pragma once

#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink {

// The body of `message` (which starts with its nlmsghdr) as an object with the members of the schema. Never fails:
// attributes without a place in the schema are kept in the list `unknown` as { type, value }, and a message cut short
// gets the member `truncated` = true with what could be read.
Handle decode_message(const MessageType& type, Bytes message, Sink& sink);

}  // namespace netlink
