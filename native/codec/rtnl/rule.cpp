#include <linux/fib_rules.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

// FR_ACT_*, linux/fib_rules.h
const Name actions[] = {{"unspec", 0},    {"table", 1},       {"goto", 2},    {"nop", 3},
                        {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8}};

// fib_rule_hdr
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"destinationPrefix", 1, Kind::u8},
    {"sourcePrefix", 2, Kind::u8},     {"tos", 3, Kind::u8},
    {"headerTable", 4, Kind::u8},      {"action", 7, Kind::u8, actions},
    {"flags", 8, Kind::u32},
};

const Field fields[] = {
    {.name = "source", .type = FRA_SRC, .kind = Kind::ip},
    {.name = "destination", .type = FRA_DST, .kind = Kind::ip},
    {.name = "inputLink", .type = FRA_IFNAME, .kind = Kind::text, .limit = 16},
    {.name = "outputLink", .type = FRA_OIFNAME, .kind = Kind::text, .limit = 16},
    {.name = "mark", .type = FRA_FWMARK, .kind = Kind::u32},
    {.name = "markMask", .type = FRA_FWMASK, .kind = Kind::u32},
    {.name = "ipProtocol", .type = FRA_IP_PROTO, .kind = Kind::u8},
    {.name = "sourcePorts", .type = FRA_SPORT_RANGE, .kind = Kind::ports},
    {.name = "destinationPorts", .type = FRA_DPORT_RANGE, .kind = Kind::ports},
    {.name = "table", .type = FRA_TABLE, .kind = Kind::u32},
    {.name = "suppressPrefix", .type = FRA_SUPPRESS_PREFIXLEN, .kind = Kind::u32},
    {.name = "goto", .type = FRA_GOTO, .kind = Kind::u32},
    {.name = "priority", .type = FRA_PRIORITY, .kind = Kind::u32},
    {.name = "protocol", .type = FRA_PROTOCOL, .kind = Kind::u8},
};

}  // namespace

const Schema rule{.name = "rule", .fields = fields, .header_size = 12, .header = header};

}  // namespace netlink::rtnl
