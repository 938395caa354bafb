#include <linux/net_namespace.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

// rtgenmsg
const HeaderField header[] = {{"family", 0, Kind::u8, families}};

const Field fields[] = {
    {.name = "descriptor", .type = NETNSA_FD, .kind = Kind::u32},
    {.name = "process", .type = NETNSA_PID, .kind = Kind::u32},
    {.name = "id", .type = NETNSA_NSID, .kind = Kind::s32},
};

}  // namespace

const Schema namespace_id{.name = "namespaceId", .fields = fields, .header_size = 1, .header = header};

}  // namespace netlink::rtnl
