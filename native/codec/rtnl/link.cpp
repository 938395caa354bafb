#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "codec/rtnl/schemas.h"

namespace netlink::rtnl {
namespace {

constexpr uint16_t name_limit = 16;  // IFNAMSIZ, linux/if.h

const Field veth_fields[] = {{.name = "peer", .type = VETH_INFO_PEER, .kind = Kind::object, .schema = &link}};
const Schema veth{.name = "veth", .fields = veth_fields};

const Field vlan_fields[] = {
    {.name = "id", .type = IFLA_VLAN_ID, .kind = Kind::u16},
    {.name = "protocol", .type = IFLA_VLAN_PROTOCOL, .kind = Kind::be16},
};
const Schema vlan{.name = "vlan", .fields = vlan_fields};

const Field bridge_fields[] = {
    {.name = "forwardDelay", .type = IFLA_BR_FORWARD_DELAY, .kind = Kind::u32},
    {.name = "ageingTime", .type = IFLA_BR_AGEING_TIME, .kind = Kind::u32},
    {.name = "stpState", .type = IFLA_BR_STP_STATE, .kind = Kind::u32},
    {.name = "vlanFiltering", .type = IFLA_BR_VLAN_FILTERING, .kind = Kind::u8},
    {.name = "multicastSnooping", .type = IFLA_BR_MCAST_SNOOPING, .kind = Kind::u8},
};
const Schema bridge{.name = "bridge", .fields = bridge_fields};

const Schema dummy{.name = "dummy"};

const Variant kinds[] = {{"veth", &veth}, {"vlan", &vlan}, {"bridge", &bridge}, {"dummy", &dummy}};

const Field info_fields[] = {
    {.name = "kind", .type = IFLA_INFO_KIND, .kind = Kind::text},
    {.name = "data", .type = IFLA_INFO_DATA, .kind = Kind::variant, .variants = kinds, .selector = "kind"},
    {.name = "portKind", .type = IFLA_INFO_SLAVE_KIND, .kind = Kind::text},
};
const Schema info{.name = "info", .fields = info_fields};

// ifinfomsg
const HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"type", 2, Kind::u16},    {"index", 4, Kind::s32},
    {"flags", 8, Kind::u32},           {"change", 12, Kind::u32},
};

// IF_OPER_*, linux/if.h
const Name states[] = {{"unknown", 0}, {"notpresent", 1}, {"down", 2}, {"lowerlayerdown", 3},
                       {"testing", 4}, {"dormant", 5},    {"up", 6}};

const Field fields[] = {
    {.name = "extraMask", .type = IFLA_EXT_MASK, .kind = Kind::u32},
    {.name = "parent", .type = IFLA_LINK, .kind = Kind::u32},
    {.name = "transmitQueues", .type = IFLA_NUM_TX_QUEUES, .kind = Kind::u32},
    {.name = "receiveQueues", .type = IFLA_NUM_RX_QUEUES, .kind = Kind::u32},
    {.name = "transmitQueueLength", .type = IFLA_TXQLEN, .kind = Kind::u32},
    {.name = "mtu", .type = IFLA_MTU, .kind = Kind::u32},
    {.name = "address", .type = IFLA_ADDRESS, .kind = Kind::mac},
    {.name = "broadcast", .type = IFLA_BROADCAST, .kind = Kind::mac},
    {.name = "master", .type = IFLA_MASTER, .kind = Kind::u32},
    {.name = "group", .type = IFLA_GROUP, .kind = Kind::u32},
    {.name = "state", .type = IFLA_OPERSTATE, .kind = Kind::u8, .names = states},
    {.name = "carrier", .type = IFLA_CARRIER, .kind = Kind::u8},
    {.name = "namespaceDescriptor", .type = IFLA_NET_NS_FD, .kind = Kind::u32},
    {.name = "namespaceProcess", .type = IFLA_NET_NS_PID, .kind = Kind::u32},
    {.name = "peerNamespaceId", .type = IFLA_LINK_NETNSID, .kind = Kind::s32},
    {.name = "targetNamespaceId", .type = IFLA_TARGET_NETNSID, .kind = Kind::s32},
    {.name = "name", .type = IFLA_IFNAME, .kind = Kind::text, .limit = name_limit},
    {.name = "info", .type = IFLA_LINKINFO, .kind = Kind::object, .schema = &info},
};

}  // namespace

const Schema link{.name = "link", .fields = fields, .header_size = 16, .header = header};

}  // namespace netlink::rtnl
