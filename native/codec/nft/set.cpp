#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field concatenation_field_fields[] = {{.name = "length", .type = NFTA_SET_FIELD_LEN, .kind = Kind::be32}};
const Schema concatenation_field{.name = "field", .fields = concatenation_field_fields};
const Field concatenation_item{
    .name = "field", .type = NFTA_LIST_ELEM | NLA_F_NESTED, .kind = Kind::object, .schema = &concatenation_field};

const Field description_fields[] = {
    {.name = "size", .type = NFTA_SET_DESC_SIZE, .kind = Kind::be32},
    {.name = "concatenation",
     .type = NFTA_SET_DESC_CONCAT | NLA_F_NESTED,
     .kind = Kind::list,
     .item = &concatenation_item},
};
const Schema description{.name = "description", .fields = description_fields};

const Field fields[] = {
    {.name = "table", .type = NFTA_SET_TABLE, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "name", .type = NFTA_SET_NAME, .kind = Kind::text, .limit = NFT_SET_MAXNAMELEN},
    {.name = "flags", .type = NFTA_SET_FLAGS, .kind = Kind::be32},
    {.name = "keyType", .type = NFTA_SET_KEY_TYPE, .kind = Kind::be32},
    {.name = "keyLength", .type = NFTA_SET_KEY_LEN, .kind = Kind::be32},
    {.name = "dataType", .type = NFTA_SET_DATA_TYPE, .kind = Kind::be32},
    {.name = "dataLength", .type = NFTA_SET_DATA_LEN, .kind = Kind::be32},
    {.name = "objectType", .type = NFTA_SET_OBJ_TYPE, .kind = Kind::be32},
    {.name = "id", .type = NFTA_SET_ID, .kind = Kind::be32},
    {.name = "policy", .type = NFTA_SET_POLICY, .kind = Kind::be32},
    {.name = "description", .type = NFTA_SET_DESC | NLA_F_NESTED, .kind = Kind::object, .schema = &description},
    {.name = "timeout", .type = NFTA_SET_TIMEOUT, .kind = Kind::be64},
    {.name = "garbageCollectionInterval", .type = NFTA_SET_GC_INTERVAL, .kind = Kind::be32},
    {.name = "userdata", .type = NFTA_SET_USERDATA, .kind = Kind::bytes, .limit = NFT_USERDATA_MAXLEN},
    {.name = "handle", .type = NFTA_SET_HANDLE, .kind = Kind::be64},
};

}  // namespace

const Schema set{.name = "set", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
