// The connection tracking messages (linux/netfilter/nfnetlink_conntrack.h).
#pragma once

#include "codec/schema.h"

namespace netlink::ctnetlink {

extern const Schema connection;
extern const Schema statistics;

}  // namespace netlink::ctnetlink
