// NLMSG_ERROR and NLMSG_DONE with the attributes of an extended acknowledgement (linux/netlink.h, enum nlmsgerr_attrs).
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <optional>
#include <string>

#include "kernel/netlink_socket.h"

namespace kernel {

struct Acknowledgement {
  uint32_t sequence = 0;
  int error = 0;                   // errno, positive; 0 = done as asked
  std::string text;                // NLMSGERR_ATTR_MSG: the kernel's words
  std::optional<uint32_t> offset;  // NLMSGERR_ATTR_OFFS: of the bad attribute, counted from the request's nlmsghdr
  std::optional<uint32_t> missing_type;  // NLMSGERR_ATTR_MISS_TYPE: an attribute that should be there
  std::optional<uint32_t>
      missing_nest;  // NLMSGERR_ATTR_MISS_NEST: offset of the nest it should lie in; none = top level
};

// `message` is one whole message of type NLMSG_ERROR or NLMSG_DONE, starting with its nlmsghdr; cut short it reads as
// far as it goes.
Acknowledgement read_acknowledgement(Bytes message);

}  // namespace kernel
