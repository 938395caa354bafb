#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field element_fields[] = {
    {.name = "flags", .type = NFTA_SET_ELEM_FLAGS, .kind = Kind::be32},
    {.name = "timeout", .type = NFTA_SET_ELEM_TIMEOUT, .kind = Kind::be64},
    {.name = "expiration", .type = NFTA_SET_ELEM_EXPIRATION, .kind = Kind::be64},
    {.name = "key", .type = NFTA_SET_ELEM_KEY | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "keyEnd", .type = NFTA_SET_ELEM_KEY_END | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "data", .type = NFTA_SET_ELEM_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "userdata", .type = NFTA_SET_ELEM_USERDATA, .kind = Kind::bytes, .limit = NFT_USERDATA_MAXLEN},
    {.name = "expression", .type = NFTA_SET_ELEM_EXPR | NLA_F_NESTED, .kind = Kind::object, .schema = &expression},
    {.name = "object", .type = NFTA_SET_ELEM_OBJREF, .kind = Kind::text, .limit = NFT_OBJ_MAXNAMELEN},
};
const Schema element{.name = "element", .fields = element_fields};
const Field element_item{
    .name = "element", .type = NFTA_LIST_ELEM | NLA_F_NESTED, .kind = Kind::object, .schema = &element};

const Field fields[] = {
    {.name = "table", .type = NFTA_SET_ELEM_LIST_TABLE, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "set", .type = NFTA_SET_ELEM_LIST_SET, .kind = Kind::text, .limit = NFT_SET_MAXNAMELEN},
    {.name = "setId", .type = NFTA_SET_ELEM_LIST_SET_ID, .kind = Kind::be32},
    {.name = "elements", .type = NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED, .kind = Kind::list, .item = &element_item},
    {.name = "packed", .type = NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED, .kind = Kind::elements},
};

}  // namespace

const Schema element_list{.name = "elements", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
