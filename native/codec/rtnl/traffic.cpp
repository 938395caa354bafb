#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

constexpr uint16_t kind_limit = 16;  // IFNAMSIZ, linux/if.h

// tcmsg. The index is -1 where the parent is the number of a block (TCM_IFINDEX_MAGIC_BLOCK).
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"index", 4, Kind::s32}, {"handle", 8, Kind::u32},
    {"parent", 12, Kind::u32},         {"info", 16, Kind::u32},
};

const Field queueing_fields[] = {
    {.name = "kind", .type = TCA_KIND, .kind = Kind::text, .limit = kind_limit},
    {.name = "ingressBlock", .type = TCA_INGRESS_BLOCK, .kind = Kind::u32},
};

const Field program_fields[] = {
    {.name = "descriptor", .type = TCA_BPF_FD, .kind = Kind::u32},
    {.name = "name", .type = TCA_BPF_NAME, .kind = Kind::text},
    {.name = "flags", .type = TCA_BPF_FLAGS, .kind = Kind::u32},
    {.name = "id", .type = TCA_BPF_ID, .kind = Kind::u32},
};
const Schema program{.name = "bpf", .fields = program_fields};

const Variant kinds[] = {{"bpf", &program}};

const Field filter_fields[] = {
    {.name = "kind", .type = TCA_KIND, .kind = Kind::text, .limit = kind_limit},
    {.name = "options", .type = TCA_OPTIONS, .kind = Kind::variant, .variants = kinds, .selector = "kind"},
};

}  // namespace

const Schema queueing{.name = "queueing", .fields = queueing_fields, .header_size = 20, .header = header};
const Schema filter{.name = "filter", .fields = filter_fields, .header_size = 20, .header = header};

}  // namespace netlink::rtnl
