#include <linux/neighbour.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

// ndmsg
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"index", 4, Kind::s32}, {"state", 8, Kind::u16},
    {"flags", 10, Kind::u8},           {"type", 11, Kind::u8},
};

const Field fields[] = {
    {.name = "destination", .type = NDA_DST, .kind = Kind::ip},
    {.name = "address", .type = NDA_LLADDR, .kind = Kind::mac},
    {.name = "master", .type = NDA_MASTER, .kind = Kind::u32},
    {.name = "vlan", .type = NDA_VLAN, .kind = Kind::u16},
    // The link whose neighbours a dump is of; elsewhere the header's index says it.
    {.name = "filterIndex", .type = NDA_IFINDEX, .kind = Kind::u32},
};

}  // namespace

const Schema neighbour{.name = "neighbour", .fields = fields, .header_size = 12, .header = header};

}  // namespace netlink::rtnl
