// Messages written by hand, for what no program sends.
#pragma once

#include <linux/netlink.h>

#include "codec/buffer.h"
#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink::test {

// A message that is only its nlmsghdr and a header of zeros; attributes are added with Buffer's functions.
inline Buffer empty_message(const MessageType& type) {
  Buffer buffer;
  buffer.zeros(NLMSG_HDRLEN + ((type.schema->header_size + size_t{3}) & ~size_t{3}));
  return buffer;
}

inline const MessageType& message(const char* name) { return *message_type(std::string_view(name)); }

}  // namespace netlink::test
