#include <linux/netfilter/nfnetlink_conntrack.h>

#include "codec/ctnetlink/schemas.h"

namespace netlink::ctnetlink {
namespace {

// IPv4 and IPv6 addresses have attributes of their own here, so each is a member of its own.
const Field ip_fields[] = {
    {.name = "source", .type = CTA_IP_V4_SRC, .kind = Kind::ip},
    {.name = "destination", .type = CTA_IP_V4_DST, .kind = Kind::ip},
    {.name = "source6", .type = CTA_IP_V6_SRC, .kind = Kind::ip},
    {.name = "destination6", .type = CTA_IP_V6_DST, .kind = Kind::ip},
};
const Schema ip{.name = "ip", .fields = ip_fields};

const Field protocol_fields[] = {
    {.name = "number", .type = CTA_PROTO_NUM, .kind = Kind::u8},
    {.name = "sourcePort", .type = CTA_PROTO_SRC_PORT, .kind = Kind::be16},
    {.name = "destinationPort", .type = CTA_PROTO_DST_PORT, .kind = Kind::be16},
    {.name = "icmpCode", .type = CTA_PROTO_ICMP_CODE, .kind = Kind::u8},
    {.name = "icmpType", .type = CTA_PROTO_ICMP_TYPE, .kind = Kind::u8},
    {.name = "icmpId", .type = CTA_PROTO_ICMP_ID, .kind = Kind::be16},
    {.name = "icmp6Code", .type = CTA_PROTO_ICMPV6_CODE, .kind = Kind::u8},
    {.name = "icmp6Type", .type = CTA_PROTO_ICMPV6_TYPE, .kind = Kind::u8},
    {.name = "icmp6Id", .type = CTA_PROTO_ICMPV6_ID, .kind = Kind::be16},
};
const Schema protocol{.name = "protocol", .fields = protocol_fields};

const Field tuple_fields[] = {
    {.name = "ip", .type = CTA_TUPLE_IP | NLA_F_NESTED, .kind = Kind::object, .schema = &ip},
    {.name = "protocol", .type = CTA_TUPLE_PROTO | NLA_F_NESTED, .kind = Kind::object, .schema = &protocol},
    {.name = "zone", .type = CTA_TUPLE_ZONE, .kind = Kind::be16},
};
const Schema tuple{.name = "tuple", .fields = tuple_fields};

// CTA_PROTOINFO_TCP_*; the flags are struct nf_ct_tcp_flags: flags and their mask.
const Field tcp_fields[] = {
    {.name = "state", .type = CTA_PROTOINFO_TCP_STATE, .kind = Kind::u8},
    {.name = "flagsOriginal", .type = CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, .kind = Kind::bytes, .limit = 2},
    {.name = "flagsReply", .type = CTA_PROTOINFO_TCP_FLAGS_REPLY, .kind = Kind::bytes, .limit = 2},
    {.name = "windowScaleOriginal", .type = CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, .kind = Kind::u8},
    {.name = "windowScaleReply", .type = CTA_PROTOINFO_TCP_WSCALE_REPLY, .kind = Kind::u8},
};
const Schema tcp{.name = "tcp", .fields = tcp_fields};

const Field protocol_info_fields[] = {
    {.name = "tcp", .type = CTA_PROTOINFO_TCP | NLA_F_NESTED, .kind = Kind::object, .schema = &tcp},
};
const Schema protocol_info{.name = "protocolInfo", .fields = protocol_info_fields};

// CTA_FILTER_F_*: which parts of the tuples a dump or a flush compares.
const Field filter_fields[] = {
    {.name = "originalFlags", .type = CTA_FILTER_ORIG_FLAGS, .kind = Kind::u32},
    {.name = "replyFlags", .type = CTA_FILTER_REPLY_FLAGS, .kind = Kind::u32},
};
const Schema filter{.name = "filter", .fields = filter_fields};

const HeaderField header[] = {{"family", 0, Kind::u8}, {"version", 1, Kind::u8}, {"resource", 2, Kind::be16}};

const Field fields[] = {
    {.name = "original", .type = CTA_TUPLE_ORIG | NLA_F_NESTED, .kind = Kind::object, .schema = &tuple},
    {.name = "reply", .type = CTA_TUPLE_REPLY | NLA_F_NESTED, .kind = Kind::object, .schema = &tuple},
    {.name = "status", .type = CTA_STATUS, .kind = Kind::be32},
    {.name = "timeout", .type = CTA_TIMEOUT, .kind = Kind::be32},
    {.name = "mark", .type = CTA_MARK, .kind = Kind::be32},
    {.name = "protocolInfo", .type = CTA_PROTOINFO | NLA_F_NESTED, .kind = Kind::object, .schema = &protocol_info},
    {.name = "id", .type = CTA_ID, .kind = Kind::be32},
    {.name = "zone", .type = CTA_ZONE, .kind = Kind::be16},
    {.name = "markMask", .type = CTA_MARK_MASK, .kind = Kind::be32},
    {.name = "filter", .type = CTA_FILTER | NLA_F_NESTED, .kind = Kind::object, .schema = &filter},
    {.name = "statusMask", .type = CTA_STATUS_MASK, .kind = Kind::be32},
};

const Field statistics_fields[] = {
    {.name = "entries", .type = CTA_STATS_GLOBAL_ENTRIES, .kind = Kind::be32},
    {.name = "maximum", .type = CTA_STATS_GLOBAL_MAX_ENTRIES, .kind = Kind::be32},
};

}  // namespace

const Schema connection{.name = "connection", .fields = fields, .header_size = 4, .header = header};
const Schema statistics{.name = "statistics", .fields = statistics_fields, .header_size = 4, .header = header};

}  // namespace netlink::ctnetlink
