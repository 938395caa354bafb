#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>

#include "codec/ctnetlink/schemas.h"
#include "codec/nft/schemas.h"
#include "codec/rtnl/schemas.h"

namespace netlink {
namespace {

// Numbers that distributions' headers are still too old for (Linux 6.3, linux/netfilter/nf_tables.h).
constexpr uint16_t destroy_table = 26;
constexpr uint16_t destroy_chain = 27;
constexpr uint16_t destroy_rule = 28;
constexpr uint16_t destroy_set = 29;
constexpr uint16_t destroy_element = 30;
constexpr uint16_t destroy_object = 31;

constexpr uint16_t nft(uint16_t message) { return static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message); }
constexpr uint16_t ct(uint16_t message) { return static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | message); }

const MessageType types[] = {
    {"link.new", RTM_NEWLINK, &rtnl::link},
    {"link.delete", RTM_DELLINK, &rtnl::link},
    {"link.get", RTM_GETLINK, &rtnl::link},
    {"link.set", RTM_SETLINK, &rtnl::link},
    {"address.new", RTM_NEWADDR, &rtnl::address},
    {"address.delete", RTM_DELADDR, &rtnl::address},
    {"address.get", RTM_GETADDR, &rtnl::address},
    {"route.new", RTM_NEWROUTE, &rtnl::route},
    {"route.delete", RTM_DELROUTE, &rtnl::route},
    {"route.get", RTM_GETROUTE, &rtnl::route},
    {"rule.new", RTM_NEWRULE, &rtnl::rule},
    {"rule.delete", RTM_DELRULE, &rtnl::rule},
    {"rule.get", RTM_GETRULE, &rtnl::rule},
    {"neighbour.new", RTM_NEWNEIGH, &rtnl::neighbour},
    {"neighbour.delete", RTM_DELNEIGH, &rtnl::neighbour},
    {"neighbour.get", RTM_GETNEIGH, &rtnl::neighbour},
    {"namespaceId.new", RTM_NEWNSID, &rtnl::namespace_id},
    {"namespaceId.delete", RTM_DELNSID, &rtnl::namespace_id},
    {"namespaceId.get", RTM_GETNSID, &rtnl::namespace_id},
    {"queueing.new", RTM_NEWQDISC, &rtnl::queueing},
    {"queueing.delete", RTM_DELQDISC, &rtnl::queueing},
    {"queueing.get", RTM_GETQDISC, &rtnl::queueing},
    {"filter.new", RTM_NEWTFILTER, &rtnl::filter},
    {"filter.delete", RTM_DELTFILTER, &rtnl::filter},
    {"filter.get", RTM_GETTFILTER, &rtnl::filter},
    {"nft.table.new", nft(NFT_MSG_NEWTABLE), &nft::table},
    {"nft.table.delete", nft(NFT_MSG_DELTABLE), &nft::table},
    {"nft.table.destroy", nft(destroy_table), &nft::table},
    {"nft.table.get", nft(NFT_MSG_GETTABLE), &nft::table},
    {"nft.chain.new", nft(NFT_MSG_NEWCHAIN), &nft::chain},
    {"nft.chain.delete", nft(NFT_MSG_DELCHAIN), &nft::chain},
    {"nft.chain.destroy", nft(destroy_chain), &nft::chain},
    {"nft.chain.get", nft(NFT_MSG_GETCHAIN), &nft::chain},
    {"nft.rule.new", nft(NFT_MSG_NEWRULE), &nft::rule},
    {"nft.rule.delete", nft(NFT_MSG_DELRULE), &nft::rule},
    {"nft.rule.destroy", nft(destroy_rule), &nft::rule},
    {"nft.rule.get", nft(NFT_MSG_GETRULE), &nft::rule},
    {"nft.set.new", nft(NFT_MSG_NEWSET), &nft::set},
    {"nft.set.delete", nft(NFT_MSG_DELSET), &nft::set},
    {"nft.set.destroy", nft(destroy_set), &nft::set},
    {"nft.set.get", nft(NFT_MSG_GETSET), &nft::set},
    {"nft.element.new", nft(NFT_MSG_NEWSETELEM), &nft::element_list},
    {"nft.element.delete", nft(NFT_MSG_DELSETELEM), &nft::element_list},
    {"nft.element.destroy", nft(destroy_element), &nft::element_list},
    {"nft.element.get", nft(NFT_MSG_GETSETELEM), &nft::element_list},
    {"nft.object.new", nft(NFT_MSG_NEWOBJ), &nft::object},
    {"nft.object.delete", nft(NFT_MSG_DELOBJ), &nft::object},
    {"nft.object.destroy", nft(destroy_object), &nft::object},
    {"nft.object.get", nft(NFT_MSG_GETOBJ), &nft::object},
    {"nft.generation.new", nft(NFT_MSG_NEWGEN), &nft::generation},
    {"nft.generation.get", nft(NFT_MSG_GETGEN), &nft::generation},
    {"connection.new", ct(IPCTNL_MSG_CT_NEW), &ctnetlink::connection},
    {"connection.delete", ct(IPCTNL_MSG_CT_DELETE), &ctnetlink::connection},
    {"connection.get", ct(IPCTNL_MSG_CT_GET), &ctnetlink::connection},
    {"connection.statistics", ct(IPCTNL_MSG_CT_GET_STATS), &ctnetlink::statistics},
    // The frame of a transaction. Their numbers are those of RTM_NEWLINK and RTM_DELLINK on the other protocol, so they
    // stand last: a lookup by number finds the links, and nobody receives a frame.
    {"nft.batch.begin", NFNL_MSG_BATCH_BEGIN, &nft::batch},
    {"nft.batch.end", NFNL_MSG_BATCH_END, &nft::batch},
};

}  // namespace

const MessageType* message_type(std::string_view name) {
  for (const MessageType& type : types) {
    if (name == type.name) return &type;
  }
  return nullptr;
}

const MessageType* message_type(uint16_t type) {
  for (const MessageType& candidate : types) {
    if (candidate.type == type) return &candidate;
  }
  return nullptr;
}

}  // namespace netlink
