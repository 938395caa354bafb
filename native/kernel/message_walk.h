// Goes through the messages of a datagram.
#pragma once

#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

#include "kernel/netlink_socket.h"

namespace kernel {

// Calls `visit(header, message)` for each message; `message` starts with the header. Stops at one that is cut short.
template <typename Visit>
void walk_messages(Bytes datagram, Visit visit) {
  while (datagram.size() >= NLMSG_HDRLEN) {
    nlmsghdr header{};
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > datagram.size()) return;
    visit(header, datagram.first(header.nlmsg_len));
    datagram = datagram.subspan(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
}

}  // namespace kernel
