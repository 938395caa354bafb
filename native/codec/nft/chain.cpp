#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

// NF_INET_*, linux/netfilter.h
const Name hooks[] = {{"prerouting", 0}, {"input", 1},       {"forward", 2},
                      {"output", 3},     {"postrouting", 4}, {"ingress", 5}};
const Name policies[] = {{"drop", 0}, {"accept", 1}};

const Field hook_fields[] = {
    {.name = "number", .type = NFTA_HOOK_HOOKNUM, .kind = Kind::be32, .names = hooks},
    {.name = "priority", .type = NFTA_HOOK_PRIORITY, .kind = Kind::sbe32},
    {.name = "device", .type = NFTA_HOOK_DEV, .kind = Kind::text, .limit = 16},
};
const Schema hook{.name = "hook", .fields = hook_fields};

const Field counter_fields[] = {
    {.name = "packets", .type = NFTA_COUNTER_PACKETS, .kind = Kind::be64},
    {.name = "bytes", .type = NFTA_COUNTER_BYTES, .kind = Kind::be64},
};
const Schema counters{.name = "counters", .fields = counter_fields};

const Field fields[] = {
    {.name = "table", .type = NFTA_CHAIN_TABLE, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "name", .type = NFTA_CHAIN_NAME, .kind = Kind::text, .limit = NFT_CHAIN_MAXNAMELEN},
    {.name = "id", .type = NFTA_CHAIN_ID, .kind = Kind::be32},
    {.name = "flags", .type = NFTA_CHAIN_FLAGS, .kind = Kind::be32},
    {.name = "type", .type = NFTA_CHAIN_TYPE, .kind = Kind::text, .limit = 64},
    {.name = "policy", .type = NFTA_CHAIN_POLICY, .kind = Kind::be32, .names = policies},
    {.name = "hook", .type = NFTA_CHAIN_HOOK | NLA_F_NESTED, .kind = Kind::object, .schema = &hook},
    {.name = "handle", .type = NFTA_CHAIN_HANDLE, .kind = Kind::be64},
    {.name = "use", .type = NFTA_CHAIN_USE, .kind = Kind::be32},
    {.name = "counters", .type = NFTA_CHAIN_COUNTERS | NLA_F_NESTED, .kind = Kind::object, .schema = &counters},
    {.name = "userdata", .type = NFTA_CHAIN_USERDATA, .kind = Kind::bytes, .limit = 256},
};

}  // namespace

const Schema chain{.name = "chain", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
