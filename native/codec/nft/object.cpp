#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Name types[] = {{"counter", NFT_OBJECT_COUNTER}, {"quota", NFT_OBJECT_QUOTA}, {"limit", NFT_OBJECT_LIMIT}};

const Variant variants[] = {{"counter", &counter}, {"quota", &quota}, {"limit", &limit}};

const Field fields[] = {
    {.name = "table", .type = NFTA_OBJ_TABLE, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "name", .type = NFTA_OBJ_NAME, .kind = Kind::text, .limit = NFT_OBJ_MAXNAMELEN},
    {.name = "type", .type = NFTA_OBJ_TYPE, .kind = Kind::be32, .names = types},
    {.name = "userdata", .type = NFTA_OBJ_USERDATA, .kind = Kind::bytes, .limit = NFT_USERDATA_MAXLEN},
    {.name = "data",
     .type = NFTA_OBJ_DATA | NLA_F_NESTED,
     .kind = Kind::variant,
     .variants = variants,
     .selector = "type"},
    {.name = "use", .type = NFTA_OBJ_USE, .kind = Kind::be32},
    {.name = "handle", .type = NFTA_OBJ_HANDLE, .kind = Kind::be64},
};

}  // namespace

const Schema object{.name = "object", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
