#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "codec/nft/schemas.h"

namespace netlink::nft {
namespace {

const Field generation_fields[] = {
    {.name = "id", .type = NFTA_GEN_ID, .kind = Kind::be32},
    {.name = "process", .type = NFTA_GEN_PROC_PID, .kind = Kind::be32},
    {.name = "processName", .type = NFTA_GEN_PROC_NAME, .kind = Kind::text},
};

// NFNL_MSG_BATCH_BEGIN and _END; the subsystem the batch is for stands in `resource`.
const Field batch_fields[] = {{.name = "generation", .type = NFNL_BATCH_GENID, .kind = Kind::be32}};

}  // namespace

const Schema generation{
    .name = "generation", .fields = generation_fields, .header_size = header_size, .header = header};
const Schema batch{.name = "batch", .fields = batch_fields, .header_size = header_size, .header = header};

}  // namespace netlink::nft
