#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field verdict_fields[] = {
    {.name = "code", .type = NFTA_VERDICT_CODE, .kind = Kind::be32, .names = verdicts},
    {.name = "chain", .type = NFTA_VERDICT_CHAIN, .kind = Kind::text, .limit = NFT_CHAIN_MAXNAMELEN},
    {.name = "chainId", .type = NFTA_VERDICT_CHAIN_ID, .kind = Kind::be32},
};
const Schema verdict{.name = "verdict", .fields = verdict_fields};

const Field fields[] = {
    {.name = "value", .type = NFTA_DATA_VALUE, .kind = Kind::bytes, .limit = NFT_DATA_VALUE_MAXLEN},
    {.name = "verdict", .type = NFTA_DATA_VERDICT | NLA_F_NESTED, .kind = Kind::object, .schema = &verdict},
};

}  // namespace

const Schema data{.name = "data", .fields = fields};

}  // namespace netlink::nft
