#include <linux/netfilter/nf_tables.h>

#include "codec/nft/schemas.h"

// An expression is { name, data }; NFTA_EXPR_DATA is shaped by the expression's name. Registers are numbers: 1–4 are
// the 16-byte registers (NFT_REG_1 …), 8–23 the 4-byte ones (NFT_REG32_00 …), 0 the verdict.
namespace netlink::nft {
namespace {

// NFTA_IMMEDIATE_*
const Field immediate_fields[] = {
    {.name = "destination", .type = NFTA_IMMEDIATE_DREG, .kind = Kind::be32},
    {.name = "data", .type = NFTA_IMMEDIATE_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
};
const Schema immediate{.name = "immediate", .fields = immediate_fields};

const Name comparisons[] = {{"eq", 0}, {"neq", 1}, {"lt", 2}, {"lte", 3}, {"gt", 4}, {"gte", 5}};
const Field compare_fields[] = {
    {.name = "source", .type = NFTA_CMP_SREG, .kind = Kind::be32},
    {.name = "operator", .type = NFTA_CMP_OP, .kind = Kind::be32, .names = comparisons},
    {.name = "data", .type = NFTA_CMP_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
};
const Schema compare{.name = "cmp", .fields = compare_fields};

const Field range_fields[] = {
    {.name = "source", .type = NFTA_RANGE_SREG, .kind = Kind::be32},
    {.name = "operator", .type = NFTA_RANGE_OP, .kind = Kind::be32, .names = comparisons},
    {.name = "from", .type = NFTA_RANGE_FROM_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "to", .type = NFTA_RANGE_TO_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
};
const Schema range{.name = "range", .fields = range_fields};

const Name bit_operations[] = {{"bool", 0}, {"lshift", 1}, {"rshift", 2}};
const Field bitwise_fields[] = {
    {.name = "source", .type = NFTA_BITWISE_SREG, .kind = Kind::be32},
    {.name = "destination", .type = NFTA_BITWISE_DREG, .kind = Kind::be32},
    {.name = "operation", .type = NFTA_BITWISE_OP, .kind = Kind::be32, .names = bit_operations},
    {.name = "length", .type = NFTA_BITWISE_LEN, .kind = Kind::be32},
    {.name = "mask", .type = NFTA_BITWISE_MASK | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "xor", .type = NFTA_BITWISE_XOR | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
    {.name = "data", .type = NFTA_BITWISE_DATA | NLA_F_NESTED, .kind = Kind::object, .schema = &data},
};
const Schema bitwise{.name = "bitwise", .fields = bitwise_fields};

const Name byte_orders[] = {{"ntoh", 0}, {"hton", 1}};
const Field byteorder_fields[] = {
    {.name = "source", .type = NFTA_BYTEORDER_SREG, .kind = Kind::be32},
    {.name = "destination", .type = NFTA_BYTEORDER_DREG, .kind = Kind::be32},
    {.name = "operator", .type = NFTA_BYTEORDER_OP, .kind = Kind::be32, .names = byte_orders},
    {.name = "length", .type = NFTA_BYTEORDER_LEN, .kind = Kind::be32},
    {.name = "size", .type = NFTA_BYTEORDER_SIZE, .kind = Kind::be32},
};
const Schema byteorder{.name = "byteorder", .fields = byteorder_fields};

const Name bases[] = {{"link", 0}, {"network", 1}, {"transport", 2}, {"inner", 3}};
const Field payload_fields[] = {
    {.name = "source", .type = NFTA_PAYLOAD_SREG, .kind = Kind::be32},
    {.name = "destination", .type = NFTA_PAYLOAD_DREG, .kind = Kind::be32},
    {.name = "base", .type = NFTA_PAYLOAD_BASE, .kind = Kind::be32, .names = bases},
    {.name = "offset", .type = NFTA_PAYLOAD_OFFSET, .kind = Kind::be32},
    {.name = "length", .type = NFTA_PAYLOAD_LEN, .kind = Kind::be32},
    {.name = "checksumType", .type = NFTA_PAYLOAD_CSUM_TYPE, .kind = Kind::be32},
    {.name = "checksumOffset", .type = NFTA_PAYLOAD_CSUM_OFFSET, .kind = Kind::be32},
    {.name = "checksumFlags", .type = NFTA_PAYLOAD_CSUM_FLAGS, .kind = Kind::be32},
};
const Schema payload{.name = "payload", .fields = payload_fields};

const Name meta_keys[] = {
    {"length", NFT_META_LEN},        {"protocol", NFT_META_PROTOCOL}, {"priority", NFT_META_PRIORITY},
    {"mark", NFT_META_MARK},         {"iif", NFT_META_IIF},           {"oif", NFT_META_OIF},
    {"iifname", NFT_META_IIFNAME},   {"oifname", NFT_META_OIFNAME},   {"iiftype", NFT_META_IFTYPE},
    {"oiftype", NFT_META_OIFTYPE},   {"skuid", NFT_META_SKUID},       {"skgid", NFT_META_SKGID},
    {"nftrace", NFT_META_NFTRACE},   {"nfproto", NFT_META_NFPROTO},   {"l4proto", NFT_META_L4PROTO},
    {"pkttype", NFT_META_PKTTYPE},   {"cpu", NFT_META_CPU},           {"iifgroup", NFT_META_IIFGROUP},
    {"oifgroup", NFT_META_OIFGROUP},
};
const Field meta_fields[] = {
    {.name = "key", .type = NFTA_META_KEY, .kind = Kind::be32, .names = meta_keys},
    {.name = "destination", .type = NFTA_META_DREG, .kind = Kind::be32},
    {.name = "source", .type = NFTA_META_SREG, .kind = Kind::be32},
};
const Schema meta{.name = "meta", .fields = meta_fields};

const Name ct_keys[] = {
    {"state", NFT_CT_STATE},
    {"direction", NFT_CT_DIRECTION},
    {"status", NFT_CT_STATUS},
    {"mark", NFT_CT_MARK},
    {"expiration", NFT_CT_EXPIRATION},
    {"l3proto", NFT_CT_L3PROTOCOL},
    {"protocol", NFT_CT_PROTOCOL},
    {"proto-src", NFT_CT_PROTO_SRC},
    {"proto-dst", NFT_CT_PROTO_DST},
    {"packets", NFT_CT_PKTS},
    {"bytes", NFT_CT_BYTES},
    {"zone", NFT_CT_ZONE},
    {"ip saddr", NFT_CT_SRC_IP},
    {"ip daddr", NFT_CT_DST_IP},
    {"ip6 saddr", NFT_CT_SRC_IP6},
    {"ip6 daddr", NFT_CT_DST_IP6},
    {"id", NFT_CT_ID},
};
const Name directions[] = {{"original", 0}, {"reply", 1}};
const Field ct_fields[] = {
    {.name = "key", .type = NFTA_CT_KEY, .kind = Kind::be32, .names = ct_keys},
    {.name = "destination", .type = NFTA_CT_DREG, .kind = Kind::be32},
    {.name = "direction", .type = NFTA_CT_DIRECTION, .kind = Kind::u8, .names = directions},
    {.name = "source", .type = NFTA_CT_SREG, .kind = Kind::be32},
};
const Schema ct{.name = "ct", .fields = ct_fields};

const Field lookup_fields[] = {
    {.name = "source", .type = NFTA_LOOKUP_SREG, .kind = Kind::be32},
    {.name = "destination", .type = NFTA_LOOKUP_DREG, .kind = Kind::be32},
    {.name = "set", .type = NFTA_LOOKUP_SET, .kind = Kind::text, .limit = NFT_SET_MAXNAMELEN},
    {.name = "setId", .type = NFTA_LOOKUP_SET_ID, .kind = Kind::be32},
    {.name = "flags", .type = NFTA_LOOKUP_FLAGS, .kind = Kind::be32},
};
const Schema lookup{.name = "lookup", .fields = lookup_fields};

const Name nat_types[] = {{"snat", NFT_NAT_SNAT}, {"dnat", NFT_NAT_DNAT}};
const Name nat_families[] = {{"ip", 2}, {"ip6", 10}};
const Field nat_fields[] = {
    {.name = "type", .type = NFTA_NAT_TYPE, .kind = Kind::be32, .names = nat_types},
    {.name = "family", .type = NFTA_NAT_FAMILY, .kind = Kind::be32, .names = nat_families},
    {.name = "addressMin", .type = NFTA_NAT_REG_ADDR_MIN, .kind = Kind::be32},
    {.name = "addressMax", .type = NFTA_NAT_REG_ADDR_MAX, .kind = Kind::be32},
    {.name = "portMin", .type = NFTA_NAT_REG_PROTO_MIN, .kind = Kind::be32},
    {.name = "portMax", .type = NFTA_NAT_REG_PROTO_MAX, .kind = Kind::be32},
    {.name = "flags", .type = NFTA_NAT_FLAGS, .kind = Kind::be32},
};
const Schema nat{.name = "nat", .fields = nat_fields};

const Field masquerade_fields[] = {
    {.name = "flags", .type = NFTA_MASQ_FLAGS, .kind = Kind::be32},
    {.name = "portMin", .type = NFTA_MASQ_REG_PROTO_MIN, .kind = Kind::be32},
    {.name = "portMax", .type = NFTA_MASQ_REG_PROTO_MAX, .kind = Kind::be32},
};
const Schema masquerade{.name = "masq", .fields = masquerade_fields};

const Field redirect_fields[] = {
    {.name = "portMin", .type = NFTA_REDIR_REG_PROTO_MIN, .kind = Kind::be32},
    {.name = "portMax", .type = NFTA_REDIR_REG_PROTO_MAX, .kind = Kind::be32},
    {.name = "flags", .type = NFTA_REDIR_FLAGS, .kind = Kind::be32},
};
const Schema redirect{.name = "redir", .fields = redirect_fields};

const Field log_fields[] = {
    {.name = "prefix", .type = NFTA_LOG_PREFIX, .kind = Kind::text, .limit = 128},
    {.name = "group", .type = NFTA_LOG_GROUP, .kind = Kind::be16},
    {.name = "snapLength", .type = NFTA_LOG_SNAPLEN, .kind = Kind::be32},
    {.name = "queueThreshold", .type = NFTA_LOG_QTHRESHOLD, .kind = Kind::be16},
    {.name = "level", .type = NFTA_LOG_LEVEL, .kind = Kind::be32},
    {.name = "flags", .type = NFTA_LOG_FLAGS, .kind = Kind::be32},
};
const Schema log{.name = "log", .fields = log_fields};

const Name reject_types[] = {
    {"icmp", NFT_REJECT_ICMP_UNREACH}, {"tcp reset", NFT_REJECT_TCP_RST}, {"icmpx", NFT_REJECT_ICMPX_UNREACH}};
const Field reject_fields[] = {
    {.name = "type", .type = NFTA_REJECT_TYPE, .kind = Kind::be32, .names = reject_types},
    {.name = "code", .type = NFTA_REJECT_ICMP_CODE, .kind = Kind::u8},
};
const Schema reject{.name = "reject", .fields = reject_fields};

const Name fib_results[] = {
    {"oif", NFT_FIB_RESULT_OIF}, {"oifname", NFT_FIB_RESULT_OIFNAME}, {"type", NFT_FIB_RESULT_ADDRTYPE}};
const Field fib_fields[] = {
    {.name = "flags", .type = NFTA_FIB_FLAGS, .kind = Kind::be32},
    {.name = "result", .type = NFTA_FIB_RESULT, .kind = Kind::be32, .names = fib_results},
    {.name = "destination", .type = NFTA_FIB_DREG, .kind = Kind::be32},
};
const Schema fib{.name = "fib", .fields = fib_fields};

const Field object_reference_fields[] = {
    {.name = "type", .type = NFTA_OBJREF_IMM_TYPE, .kind = Kind::be32},
    {.name = "object", .type = NFTA_OBJREF_IMM_NAME, .kind = Kind::text, .limit = NFT_OBJ_MAXNAMELEN},
    {.name = "source", .type = NFTA_OBJREF_SET_SREG, .kind = Kind::be32},
    {.name = "set", .type = NFTA_OBJREF_SET_NAME, .kind = Kind::text, .limit = NFT_SET_MAXNAMELEN},
    {.name = "setId", .type = NFTA_OBJREF_SET_ID, .kind = Kind::be32},
};
const Schema object_reference{.name = "objref", .fields = object_reference_fields};

const Schema notrack{.name = "notrack"};

const Variant variants[] = {
    {"immediate", &immediate},
    {"cmp", &compare},
    {"range", &range},
    {"bitwise", &bitwise},
    {"byteorder", &byteorder},
    {"payload", &payload},
    {"meta", &meta},
    {"ct", &ct},
    {"lookup", &lookup},
    {"nat", &nat},
    {"masq", &masquerade},
    {"redir", &redirect},
    {"counter", &counter},
    {"limit", &limit},
    {"log", &log},
    {"reject", &reject},
    {"fib", &fib},
    {"objref", &object_reference},
    {"notrack", &notrack},
};

const Field fields[] = {
    {.name = "name", .type = NFTA_EXPR_NAME, .kind = Kind::text},
    {.name = "data",
     .type = NFTA_EXPR_DATA | NLA_F_NESTED,
     .kind = Kind::variant,
     .variants = variants,
     .selector = "name"},
};

}  // namespace

const Schema expression{.name = "expression", .fields = fields};

}  // namespace netlink::nft
