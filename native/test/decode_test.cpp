// What decoding makes of messages that are cut short, unaligned, unknown or hostile.
#include "codec/decode.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "test/check.h"
#include "test/counting_sink.h"
#include "test/message_builder.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

std::string decoded(const MessageType& type, Bytes bytes) {
  Tree tree;
  return print(decode_message(type, bytes, tree));
}

TEST(unknown_attributes_are_kept) {
  Buffer buffer = empty_message(message("nft.table.get"));
  buffer.attribute(NFTA_TABLE_NAME, "t", 2);
  buffer.attribute(999, "abc", 3);
  buffer.attribute(998 | NLA_F_NESTED, nullptr, 0);
  CHECK_EQUAL(decoded(message("nft.table.get"), buffer.span()),
              "{\n  family: 'unspec',\n  version: 0,\n  resource: 0,\n  name: 't',\n"
              "  unknown: [ { type: 999, value: h'616263' }, { type: 998, value: h'' } ],\n}");
}

TEST(payloads_that_do_not_fit_their_field_are_kept_as_unknown) {
  Buffer buffer = empty_message(message("link.new"));
  buffer.attribute(IFLA_MTU, uint16_t{1500});
  buffer.attribute(IFLA_ADDRESS, uint32_t{0});
  buffer.attribute(IFLA_GROUP, uint32_t{7});
  CHECK_EQUAL(decoded(message("link.new"), buffer.span()),
              "{\n  family: 'unspec',\n  type: 0,\n  index: 0,\n  flags: 0,\n  change: 0,\n"
              "  unknown: [ { type: 4, value: h'dc05' }, { type: 1, value: h'00000000' } ],\n  group: 7,\n}");
}

TEST(a_variant_without_its_selector_is_kept_as_unknown) {
  Buffer buffer = empty_message(message("nft.object.new"));
  const size_t data = buffer.open(NFTA_OBJ_DATA | NLA_F_NESTED);
  buffer.attribute(NFTA_COUNTER_BYTES, uint64_t{0});
  buffer.close(data);
  CHECK_EQUAL(decoded(message("nft.object.new"), buffer.span()),
              "{ family: 'unspec', version: 0, resource: 0, "
              "unknown: [ { type: 4, value: h'0c0001000000000000000000' } ] }");
}

TEST(a_variant_may_stand_before_its_selector_and_the_last_selector_counts) {
  Buffer buffer = empty_message(message("nft.object.new"));
  const size_t data = buffer.open(NFTA_OBJ_DATA | NLA_F_NESTED);
  buffer.attribute(NFTA_COUNTER_BYTES, uint64_t{0});
  buffer.close(data);
  buffer.attribute(NFTA_OBJ_TYPE, htonl(NFT_OBJECT_LIMIT));
  buffer.attribute(NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
  CHECK_EQUAL(decoded(message("nft.object.new"), buffer.span()),
              "{ family: 'unspec', version: 0, resource: 0, data: { bytes: 0 }, type: 'counter' }");
}

TEST(text_without_a_terminator_ends_with_its_attribute) {
  Buffer buffer = empty_message(message("nft.table.get"));
  buffer.attribute(NFTA_TABLE_NAME, "table", 5);
  CHECK_EQUAL(decoded(message("nft.table.get"), buffer.span()),
              "{ family: 'unspec', version: 0, resource: 0, name: 'table' }");
}

TEST(a_message_cut_short_says_so) {
  const MessageType& type = message("nft.table.get");
  CHECK_EQUAL(decoded(type, {}), "{ truncated: true }");
  Buffer buffer = empty_message(type);
  buffer.attribute(NFTA_TABLE_NAME, "table", 6);
  CHECK_EQUAL(decoded(type, buffer.span().first(NLMSG_HDRLEN + 1)), "{ family: 'unspec', truncated: true }");
  CHECK_EQUAL(decoded(type, buffer.span().first(NLMSG_HDRLEN + 4 + 3)),
              "{ family: 'unspec', version: 0, resource: 0, truncated: true }");
  CHECK_EQUAL(decoded(type, buffer.span().first(NLMSG_HDRLEN + 4 + 9)),
              "{ family: 'unspec', version: 0, resource: 0, truncated: true }");
}

TEST(lengths_that_cannot_be_are_a_message_cut_short) {
  for (const uint16_t length : {uint16_t{0}, uint16_t{3}, uint16_t{9}, uint16_t{65535}}) {
    Buffer buffer = empty_message(message("nft.table.get"));
    buffer.attribute(NFTA_TABLE_FLAGS, uint32_t{0});
    buffer.put(NLMSG_HDRLEN + 4, length);
    CHECK_EQUAL(decoded(message("nft.table.get"), buffer.span()),
                "{ family: 'unspec', version: 0, resource: 0, truncated: true }");
  }
}

TEST(an_attribute_of_unaligned_length_may_be_the_last_without_its_padding) {
  Buffer buffer = empty_message(message("nft.table.get"));
  buffer.attribute(NFTA_TABLE_NAME, "abcde", 5);
  CHECK_EQUAL(decoded(message("nft.table.get"), buffer.span().first(buffer.size() - 3)),
              "{ family: 'unspec', version: 0, resource: 0, name: 'abcde' }");
}

TEST(the_items_of_a_list_count_whatever_their_type_and_a_list_cut_short_says_so) {
  Buffer buffer = empty_message(message("nft.element.new"));
  const size_t list = buffer.open(NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
  for (const uint16_t type : {1, 2, 77}) {
    const size_t item = buffer.open(type | NLA_F_NESTED);
    buffer.attribute(NFTA_SET_ELEM_FLAGS, htonl(type));
    buffer.close(item);
  }
  buffer.zeros(4);  // an attribute of length 0
  buffer.close(list);
  CHECK_EQUAL(decoded(message("nft.element.new"), buffer.span()),
              "{\n  family: 'unspec',\n  version: 0,\n  resource: 0,\n"
              "  elements: [ { flags: 1 }, { flags: 2 }, { flags: 77 } ],\n  truncated: true,\n}");
}

TEST(an_attribute_cut_short_in_a_nested_structure_marks_that_structure) {
  Buffer buffer = empty_message(message("route.new"));
  const size_t metrics = buffer.open(RTA_METRICS);
  buffer.attribute(RTAX_MTU, uint32_t{1400});
  buffer.zeros(2);
  buffer.close(metrics);
  const std::string text = decoded(message("route.new"), buffer.span());
  CHECK(text.find("metrics: { mtu: 1400, truncated: true }") != std::string::npos);
}

TEST(numbers_at_their_limits) {
  Buffer buffer = empty_message(message("link.new"));
  buffer.attribute(IFLA_LINK_NETNSID, int32_t{-1});
  buffer.attribute(IFLA_MTU, UINT32_MAX);
  buffer.attribute(IFLA_OPERSTATE, uint8_t{6});
  const std::string text = decoded(message("link.new"), buffer.span());
  CHECK(text.find("peerNamespaceId: -1") != std::string::npos);
  CHECK(text.find("mtu: 4294967295") != std::string::npos);
  CHECK(text.find("state: 'up'") != std::string::npos);
}

// A link whose peer is a link whose peer …, as deep as 64 KiB allow.
TEST(a_message_nested_a_thousand_deep_is_kept_from_some_depth_on) {
  const auto nested = [](size_t depth) {
    std::vector<uint8_t> link(sizeof(ifinfomsg));
    for (size_t level = 0; level < depth; level++) {
      Buffer buffer;
      buffer.zeros(sizeof(ifinfomsg));
      const size_t info = buffer.open(IFLA_LINKINFO);
      buffer.attribute(IFLA_INFO_KIND, "veth", 4);
      const size_t data = buffer.open(IFLA_INFO_DATA);
      buffer.attribute(VETH_INFO_PEER, link.data(), link.size());
      buffer.close(data);
      buffer.close(info);
      link = buffer.take();
    }
    link.insert(link.begin(), NLMSG_HDRLEN, 0);
    return link;
  };
  for (const size_t depth : {size_t{1}, size_t{5}, size_t{6}, size_t{1000}}) {
    const std::vector<uint8_t> bytes = nested(depth);
    const std::string text = decoded(message("link.new"), bytes);
    size_t peers = 0;
    for (size_t at = text.find("peer:"); at != std::string::npos; at = text.find("peer:", at + 1)) peers++;
    CHECK_EQUAL(peers, std::min<size_t>(depth, 5));
    CHECK_EQUAL(text.find("unknown") != std::string::npos, depth > 5);
  }
}

}  // namespace
}  // namespace netlink::test
