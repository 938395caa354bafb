#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

// What a rule can hold as an expression of its own, and a table as an object that rules refer to.
namespace netlink::nft {
namespace {

const Field counter_fields[] = {
    {.name = "bytes", .type = NFTA_COUNTER_BYTES, .kind = Kind::be64},
    {.name = "packets", .type = NFTA_COUNTER_PACKETS, .kind = Kind::be64},
};
const Name limit_types[] = {{"packets", NFT_LIMIT_PKTS}, {"bytes", NFT_LIMIT_PKT_BYTES}};
const Field limit_fields[] = {
    {.name = "rate", .type = NFTA_LIMIT_RATE, .kind = Kind::be64},
    {.name = "unit", .type = NFTA_LIMIT_UNIT, .kind = Kind::be64},
    {.name = "burst", .type = NFTA_LIMIT_BURST, .kind = Kind::be32},
    {.name = "type", .type = NFTA_LIMIT_TYPE, .kind = Kind::be32, .names = limit_types},
    {.name = "flags", .type = NFTA_LIMIT_FLAGS, .kind = Kind::be32},
};
const Field quota_fields[] = {
    {.name = "bytes", .type = NFTA_QUOTA_BYTES, .kind = Kind::be64},
    {.name = "consumed", .type = NFTA_QUOTA_CONSUMED, .kind = Kind::be64},
    {.name = "flags", .type = NFTA_QUOTA_FLAGS, .kind = Kind::be32},
};

}  // namespace

const Schema counter{.name = "counter", .fields = counter_fields};
const Schema limit{.name = "limit", .fields = limit_fields};
const Schema quota{.name = "quota", .fields = quota_fields};

}  // namespace netlink::nft
