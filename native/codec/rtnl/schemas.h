// The rtnetlink messages, one table per object (linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/fib_rules.h,
// linux/neighbour.h, linux/net_namespace.h, linux/pkt_cls.h).
#pragma once

#include "codec/schema.h"

namespace netlink::rtnl {

extern const Schema link;
extern const Schema address;
extern const Schema route;
extern const Schema rule;
extern const Schema neighbour;
extern const Schema namespace_id;
extern const Schema queueing;
extern const Schema filter;

// ifi_family, rtm_family, …
inline constexpr Name families[] = {{"unspec", 0}, {"inet", 2}, {"bridge", 7}, {"inet6", 10}};
// RT_SCOPE_*, linux/rtnetlink.h
inline constexpr Name scopes[] = {{"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}};

}  // namespace netlink::rtnl
