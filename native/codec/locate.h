// Names the attribute that an extended acknowledgement points at.
#pragma once

#include <string>

#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink {

// The dotted path of the attribute or header member at `offset` bytes from the start of `message` (NLMSGERR_ATTR_OFFS
// counts from the nlmsghdr). Empty when nothing known lies there.
std::string locate(const MessageType& type, Bytes message, uint32_t offset);

// The dotted path of an attribute that the kernel missed: `missing` is its type (NLMSGERR_ATTR_MISS_TYPE), `nest` the
// offset of the attribute it should lie in (NLMSGERR_ATTR_MISS_NEST), 0 for the message itself.
std::string locate_missing(const MessageType& type, Bytes message, uint32_t nest, uint16_t missing);

}  // namespace netlink
