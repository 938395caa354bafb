// The messages that a transaction of nf_tables lies between (linux/netfilter/nfnetlink.h).
#pragma once

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cstdint>

namespace addon {

enum class FramePart : uint8_t { none, begin, end };

// NFNL_MSG_BATCH_BEGIN and _END have the numbers of RTM_NEWLINK and RTM_DELLINK. Their length tells them apart: those
// have a header of 16 bytes of their own, these one of 4 and at most a generation.
inline FramePart frame_part(const nlmsghdr& header) {
  constexpr uint32_t shortest_link = NLMSG_HDRLEN + 16;
  if (header.nlmsg_len >= shortest_link) return FramePart::none;
  if (header.nlmsg_type == NFNL_MSG_BATCH_BEGIN) return FramePart::begin;
  if (header.nlmsg_type == NFNL_MSG_BATCH_END) return FramePart::end;
  return FramePart::none;
}

}  // namespace addon
