#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field fields[] = {
    {.name = "name", .type = NFTA_TABLE_NAME, .kind = Kind::text, .limit = NFT_TABLE_MAXNAMELEN},
    {.name = "flags", .type = NFTA_TABLE_FLAGS, .kind = Kind::be32},
    {.name = "use", .type = NFTA_TABLE_USE, .kind = Kind::be32},
    {.name = "handle", .type = NFTA_TABLE_HANDLE, .kind = Kind::be64},
    {.name = "userdata", .type = NFTA_TABLE_USERDATA, .kind = Kind::bytes, .limit = 256},
};

}  // namespace

const Schema table{.name = "table", .fields = fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
