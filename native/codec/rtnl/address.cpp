#include <linux/if_addr.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

// ifaddrmsg
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"prefix", 1, Kind::u8}, {"headerFlags", 2, Kind::u8},
    {"scope", 3, Kind::u8, scopes},    {"index", 4, Kind::u32},
};

const Field fields[] = {
    // On point-to-point links ADDRESS is the peer and LOCAL ours; elsewhere they are equal.
    {.name = "local", .type = IFA_LOCAL, .kind = Kind::ip},
    {.name = "broadcast", .type = IFA_BROADCAST, .kind = Kind::ip},
    {.name = "label", .type = IFA_LABEL, .kind = Kind::text, .limit = 16},
    {.name = "routePriority", .type = IFA_RT_PRIORITY, .kind = Kind::u32},
    {.name = "flags", .type = IFA_FLAGS, .kind = Kind::u32},
    {.name = "address", .type = IFA_ADDRESS, .kind = Kind::ip},
};

}  // namespace

const Schema address{.name = "address", .fields = fields, .header_size = 8, .header = header};

}  // namespace netlink::rtnl
