#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field expression_item{
    .name = "expression", .type = NFTA_LIST_ELEM | NLA_F_NESTED, .kind = Kind::object, .schema = &expression};

const Field fields[] = {
    {.name = "table", .type = NFTA_RULE_TABLE, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "chain", .type = NFTA_RULE_CHAIN, .kind = Kind::text, .limit = NFT_CHAIN_MAXNAMELEN},
    {.name = "chainId", .type = NFTA_RULE_CHAIN_ID, .kind = Kind::be32},
    {.name = "handle", .type = NFTA_RULE_HANDLE, .kind = Kind::be64},
    {.name = "expressions", .type = NFTA_RULE_EXPRESSIONS | NLA_F_NESTED, .kind = Kind::list, .item = &expression_item},
    {.name = "position", .type = NFTA_RULE_POSITION, .kind = Kind::be64},
    {.name = "userdata", .type = NFTA_RULE_USERDATA, .kind = Kind::bytes, .limit = NFT_USERDATA_MAXLEN},
    {.name = "id", .type = NFTA_RULE_ID, .kind = Kind::be32},
    {.name = "positionId", .type = NFTA_RULE_POSITION_ID, .kind = Kind::be32},
};

}  // namespace

const Schema rule{.name = "rule", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
