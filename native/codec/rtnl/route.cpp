#include <linux/rtnetlink.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

// RTN_*, linux/rtnetlink.h
const Name types[] = {{"unspec", 0},    {"unicast", 1},   {"local", 2},       {"broadcast", 3}, {"anycast", 4},
                      {"multicast", 5}, {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8},  {"throw", 9}};
// RTPROT_*, linux/rtnetlink.h
const Name protocols[] = {{"unspec", 0}, {"redirect", 1}, {"kernel", 2}, {"boot", 3}, {"static", 4}, {"ra", 9}};

// rtmsg
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"destinationPrefix", 1, Kind::u8},
    {"sourcePrefix", 2, Kind::u8},     {"tos", 3, Kind::u8},
    {"headerTable", 4, Kind::u8},      {"protocol", 5, Kind::u8, protocols},
    {"scope", 6, Kind::u8, scopes},    {"type", 7, Kind::u8, types},
    {"flags", 8, Kind::u32},
};

const Field metric_fields[] = {
    {.name = "mtu", .type = RTAX_MTU, .kind = Kind::u32},
    {.name = "advertisedMss", .type = RTAX_ADVMSS, .kind = Kind::u32},
};
const Schema metrics{.name = "metrics", .fields = metric_fields};

const Field fields[] = {
    {.name = "destination", .type = RTA_DST, .kind = Kind::ip},
    {.name = "source", .type = RTA_SRC, .kind = Kind::ip},
    {.name = "inputLink", .type = RTA_IIF, .kind = Kind::u32},
    {.name = "gateway", .type = RTA_GATEWAY, .kind = Kind::ip},
    {.name = "preferredSource", .type = RTA_PREFSRC, .kind = Kind::ip},
    {.name = "table", .type = RTA_TABLE, .kind = Kind::u32},
    {.name = "priority", .type = RTA_PRIORITY, .kind = Kind::u32},
    {.name = "outputLink", .type = RTA_OIF, .kind = Kind::u32},
    {.name = "metrics", .type = RTA_METRICS, .kind = Kind::object, .schema = &metrics},
    {.name = "ipProtocol", .type = RTA_IP_PROTO, .kind = Kind::u8},
    {.name = "sourcePort", .type = RTA_SPORT, .kind = Kind::be16},
    {.name = "destinationPort", .type = RTA_DPORT, .kind = Kind::be16},
    {.name = "mark", .type = RTA_MARK, .kind = Kind::u32},
};

}  // namespace

const Schema route{.name = "route", .fields = fields, .header_size = 12, .header = header};

}  // namespace netlink::rtnl
