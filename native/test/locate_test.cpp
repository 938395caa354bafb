// The attribute at an offset, as the kernel counts them, has the path of the member it was made from.
#include "codec/locate.h"

#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>

#include "codec/attributes.h"
#include "codec/encode.h"
#include "test/check.h"
#include "test/message_builder.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

struct Message {
  Message(const char* name, const char* literal) : type(message(name)) {
    Tree tree;
    EncodeError error;
    CHECK(encode_message(type, 0, 0, TreeSource(), tree.parse(literal), buffer, error));
    CHECK_EQUAL(error.problem, "");
  }
  // The offset of the attribute that `types` lead to, counted in items from the start of each range: found by walking
  // the bytes, not by locate.
  uint32_t offset(std::initializer_list<size_t> positions, size_t header = 0) const {
    size_t start = NLMSG_HDRLEN + (header != 0 ? header : size_t{(type.schema->header_size + 3U) & ~3U});
    Bytes range = Bytes(buffer.span()).subspan(start);
    Attribute attribute{};
    for (const size_t position : positions) {
      if (attribute.payload.data() != nullptr) start += attribute.offset + NLA_HDRLEN;
      Attributes attributes(range);
      for (size_t index = 0; index <= position; index++) CHECK(attributes.next(attribute));
      range = attribute.payload;
    }
    return static_cast<uint32_t>(start + attribute.offset);
  }
  std::string at(uint32_t offset) const { return locate(type, buffer.span(), offset); }
  std::string missing(uint32_t nest, uint16_t attribute) const {
    return locate_missing(type, buffer.span(), nest, attribute);
  }

  const MessageType& type;
  Buffer buffer;
};

TEST(locate_in_a_flat_message) {
  const Message route("route.new", "{ family: 'inet', destination: '10.0.0.0', gateway: '10.0.0.1', outputLink: 5 }");
  CHECK_EQUAL(route.at(route.offset({0})), "destination");
  CHECK_EQUAL(route.at(route.offset({0}) + 7), "destination");
  CHECK_EQUAL(route.at(route.offset({1})), "gateway");
  CHECK_EQUAL(route.at(route.offset({2})), "outputLink");
}

TEST(locate_in_a_header) {
  const Message route("route.new", "{ destination: '10.0.0.0' }");
  CHECK_EQUAL(route.at(NLMSG_HDRLEN), "family");
  CHECK_EQUAL(route.at(NLMSG_HDRLEN + 4), "headerTable");
  CHECK_EQUAL(route.at(NLMSG_HDRLEN + 10), "flags");
}

TEST(locate_inside_lists_and_variants) {
  const Message rule(
      "nft.rule.new",
      "{ table: 't', chain: 'c', expressions: [ { name: 'counter' },"
      "  { name: 'lookup', data: { source: 1, set: 'missing' } },"
      "  { name: 'immediate', data: { destination: 0, data: { verdict: { code: 'jump', chain: 'x' } } } } ] }");
  CHECK_EQUAL(rule.at(rule.offset({0})), "table");
  CHECK_EQUAL(rule.at(rule.offset({2})), "expressions");
  CHECK_EQUAL(rule.at(rule.offset({2, 1})), "expressions[1]");
  CHECK_EQUAL(rule.at(rule.offset({2, 1, 0})), "expressions[1].name");
  CHECK_EQUAL(rule.at(rule.offset({2, 1, 1})), "expressions[1].data");
  CHECK_EQUAL(rule.at(rule.offset({2, 1, 1, 1})), "expressions[1].data.set");
  CHECK_EQUAL(rule.at(rule.offset({2, 2, 1, 1, 0, 1})), "expressions[2].data.data.verdict.chain");
}

TEST(locate_in_packed_elements) {
  const Message list("nft.element.new",
                     "{ table: 't', set: 's', packed: { keyLength: 4, keys: h'0a0000010a000002' } }");
  CHECK_EQUAL(list.at(list.offset({2, 1})), "elements[1]");
  CHECK_EQUAL(list.at(list.offset({2, 1, 0})), "elements[1].key");
  CHECK_EQUAL(list.at(list.offset({2, 1, 0, 0})), "elements[1].key.value");
}

TEST(locate_in_the_peer_of_a_veth) {
  const Message link("link.new", "{ name: 'a', info: { kind: 'veth', data: { peer: { name: 'b', mtu: 9 } } } }");
  const uint32_t peer = link.offset({1, 1, 0});
  CHECK_EQUAL(link.at(peer), "info.data.peer");
  CHECK_EQUAL(link.at(peer + NLA_HDRLEN), "info.data.peer.family");
  CHECK_EQUAL(link.at(peer + NLA_HDRLEN + 16), "info.data.peer.mtu");
  CHECK_EQUAL(link.at(peer + NLA_HDRLEN + 24), "info.data.peer.name");
}

TEST(locate_nothing_known) {
  Message table("nft.table.new", "{ name: 't' }");
  table.buffer.attribute(999, uint32_t{0});
  CHECK_EQUAL(table.at(0), "");
  CHECK_EQUAL(table.at(NLMSG_HDRLEN - 1), "");
  CHECK_EQUAL(table.at(table.offset({1})), "attribute 999");
  CHECK_EQUAL(table.at(static_cast<uint32_t>(table.buffer.size())), "");
  CHECK_EQUAL(table.at(UINT32_MAX), "");
}

TEST(locate_what_is_missing) {
  const Message rule("nft.rule.new",
                     "{ table: 't', chain: 'c', expressions: [ { name: 'lookup', data: { source: 1 } } ] }");
  CHECK_EQUAL(rule.missing(0, NFTA_RULE_TABLE), "table");
  CHECK_EQUAL(rule.missing(0, 999), "attribute 999");
  CHECK_EQUAL(rule.missing(rule.offset({2, 0}), NFTA_EXPR_NAME), "expressions[0].name");
  CHECK_EQUAL(rule.missing(rule.offset({2, 0, 1}), NFTA_LOOKUP_SET), "expressions[0].data.set");
  const Message link("link.new", "{ name: 'a', info: { kind: 'vlan', data: {} } }");
  CHECK_EQUAL(link.missing(link.offset({1, 1}), IFLA_VLAN_ID), "info.data.id");
  const Message variant("link.new", "{ name: 'a', info: {} }");
  CHECK_EQUAL(variant.missing(variant.offset({1}), IFLA_INFO_KIND), "info.kind");
}

}  // namespace
}  // namespace netlink::test
