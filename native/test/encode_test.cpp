// What encoding refuses, and how it names the place; what it does beside the golden messages.
#include "codec/encode.h"

#include "codec/decode.h"
#include "test/check.h"
#include "test/hex.h"
#include "test/message_builder.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

// "path: problem", or "" when `literal` can be encoded.
std::string refusal(const char* name, const std::string& literal) {
  Tree tree;
  const Value* body = tree.parse(literal);
  if (body->type == Source::Type::other) return body->text;
  Buffer buffer;
  buffer.append("kept", 4);
  EncodeError error;
  if (encode_message(message(name), 0, 0, TreeSource(), body, buffer, error)) return "";
  CHECK_EQUAL(std::string(buffer.data(), buffer.data() + buffer.size()), "kept");
  return error.path + ": " + error.problem;
}

TEST(values_of_the_wrong_type_are_refused) {
  CHECK_EQUAL(refusal("link.new", "5"), ": expected an object");
  CHECK_EQUAL(refusal("link.new", "{ mtu: '1500' }"), "mtu: expected an integer");
  CHECK_EQUAL(refusal("link.new", "{ mtu: true }"), "mtu: expected an integer");
  CHECK_EQUAL(refusal("link.new", "{ index: 'lo' }"), "index: expected an integer");
  CHECK_EQUAL(refusal("link.new", "{ name: 5 }"), "name: expected text");
  CHECK_EQUAL(refusal("link.new", "{ info: [] }"), "info: expected an object");
  CHECK_EQUAL(refusal("nft.rule.new", "{ expressions: {} }"), "expressions: expected a list");
  CHECK_EQUAL(refusal("nft.rule.new", "{ userdata: 'x' }"), "userdata: expected bytes");
  CHECK_EQUAL(refusal("address.new", "{ local: h'01' }"), "local: expected an IP address");
  CHECK_EQUAL(refusal("link.new", "{ address: 5 }"), "address: expected a MAC address");
  CHECK_EQUAL(refusal("rule.new", "{ sourcePorts: 5 }"), "sourcePorts: expected an object");
  CHECK_EQUAL(refusal("rule.new", "{ sourcePorts: { first: 5 } }"), "sourcePorts.last: expected an integer");
}

TEST(numbers_out_of_range_are_refused) {
  CHECK_EQUAL(refusal("link.new", "{ mtu: 4294967295 }"), "");
  CHECK_EQUAL(refusal("link.new", "{ mtu: 4294967296 }"), "mtu: out of range");
  CHECK_EQUAL(refusal("link.new", "{ mtu: -1 }"), "mtu: out of range");
  CHECK_EQUAL(refusal("link.new", "{ index: 2147483647 }"), "");
  CHECK_EQUAL(refusal("link.new", "{ index: 2147483648 }"), "index: out of range");
  CHECK_EQUAL(refusal("link.new", "{ index: -2147483648 }"), "");
  CHECK_EQUAL(refusal("link.new", "{ index: -2147483649 }"), "index: out of range");
  CHECK_EQUAL(refusal("link.new", "{ family: 256 }"), "family: out of range");
  CHECK_EQUAL(refusal("link.new", "{ info: { kind: 'vlan', data: { id: 65536 } } }"), "info.data.id: out of range");
  CHECK_EQUAL(refusal("rule.new", "{ destinationPorts: { first: 1, last: 70000 } }"),
              "destinationPorts.last: out of range");
  CHECK_EQUAL(refusal("nft.chain.new", "{ hook: { priority: -2147483649 } }"), "hook.priority: out of range");
  CHECK_EQUAL(refusal("nft.chain.new", "{ handle: 18446744073709551615 }"), "");
}

TEST(text_that_does_not_fit_is_refused) {
  CHECK_EQUAL(refusal("link.new", "{ name: 'fifteen-letters' }"), "");
  CHECK_EQUAL(refusal("link.new", "{ name: 'sixteen--letters' }"), "name: longer than 15 bytes");
  CHECK_EQUAL(refusal("link.new", "{ name: '" + std::string(2000, 'x') + "' }"), "name: longer than 15 bytes");
  CHECK_EQUAL(refusal("link.new", "{ name: 'a\\x00b' }"), "name: contains a NUL");
  CHECK_EQUAL(refusal("nft.table.new", "{ name: '" + std::string(255, 'x') + "' }"), "");
  CHECK_EQUAL(refusal("nft.table.new", "{ name: '" + std::string(256, 'x') + "' }"), "name: longer than 255 bytes");
  CHECK_EQUAL(refusal("nft.rule.new", "{ userdata: h'" + std::string(512, '0') + "' }"), "");
  CHECK_EQUAL(refusal("nft.rule.new", "{ userdata: h'" + std::string(514, '0') + "' }"), "userdata: too many bytes");
}

TEST(addresses_that_are_none_are_refused) {
  for (const char* address : {"", "1.2.3", "1.2.3.4/24", "1.2.3.256", "2001:db8::g", ":::", " 1.2.3.4"}) {
    const std::string text = address;
    CHECK_EQUAL(refusal("address.new", "{ local: '" + text + "' }"), "local: '" + text + "' is no IP address");
  }
  CHECK_EQUAL(refusal("address.new", "{ local: '" + std::string(100, '1') + "' }"), "local: expected an IP address");
  CHECK_EQUAL(refusal("address.new", "{ local: '1.2.3.4\\x00x' }"), "local: contains a NUL");
  for (const char* address : {"", "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01", "02:00:00:00:00:01:02"}) {
    CHECK_EQUAL(refusal("link.new", "{ address: '" + std::string(address) + "' }"), "address: expected a MAC address");
  }
  CHECK_EQUAL(refusal("link.new", "{ address: '02:AB:cd:00:00:01' }"), "");
}

TEST(unknown_words_and_variants_are_refused) {
  CHECK_EQUAL(refusal("route.new", "{ type: 'unicorn' }"), "type: 'unicorn' is none of its words");
  CHECK_EQUAL(refusal("nft.chain.new", "{ hook: { number: 'nowhere' } }"),
              "hook.number: 'nowhere' is none of its words");
  CHECK_EQUAL(refusal("link.new", "{ info: { kind: 'vxlan', data: {} } }"),
              "info.data: nothing is known of kind 'vxlan'");
  CHECK_EQUAL(refusal("link.new", "{ info: { data: {} } }"), "info.data: nothing is known of kind ''");
  CHECK_EQUAL(refusal("link.new", "{ info: { kind: 'vxlan' } }"), "");
}

TEST(the_place_inside_lists_is_named_as_locate_names_it) {
  CHECK_EQUAL(
      refusal("nft.rule.new", "{ expressions: [ { name: 'counter' }, { name: 'cmp', data: { source: 'x' } } ] }"),
      "expressions[1].data.source: expected an integer");
  CHECK_EQUAL(refusal("nft.rule.new", "{ expressions: [ 5 ] }"), "expressions[0]: expected an object");
  CHECK_EQUAL(refusal("nft.set.new", "{ description: { concatenation: [ {}, { length: -1 } ] } }"),
              "description.concatenation[1].length: out of range");
}

TEST(an_attribute_longer_than_its_length_can_say_is_refused) {
  const auto elements = [](size_t count) {
    std::string text = "{ elements: [ ";
    for (size_t index = 0; index < count; index++) text += "{ key: { value: h'0a000001' } }, ";
    return text + "] }";
  };
  CHECK_EQUAL(refusal("nft.element.new", elements(3276)), "");
  CHECK_EQUAL(refusal("nft.element.new", elements(4096)),
              "elements: longer than the 65535 bytes one attribute can hold");
}

TEST(what_is_nested_without_end_is_refused) {
  const auto nested = [](size_t depth) {
    std::string link = "{}";
    for (size_t level = 0; level < depth; level++) {
      link.insert(0, "{ info: { kind: 'veth', data: { peer: ").append(" } } }");
    }
    return link;
  };
  CHECK_EQUAL(refusal("link.new", nested(5)), "");
  CHECK(refusal("link.new", nested(6)).ends_with("info.data: nested too deep"));

  // As a JavaScript object may be.
  Tree tree;
  const Handle itself = tree.object();
  const Handle info = tree.object();
  const Handle data = tree.object();
  tree.set(itself, "info", info);
  tree.set(info, "kind", tree.text("veth"));
  tree.set(info, "data", data);
  tree.set(data, "peer", itself);
  Buffer buffer;
  EncodeError error;
  CHECK(!encode_message(message("link.new"), 0, 0, TreeSource(), itself, buffer, error));
  CHECK_EQUAL(error.problem, "nested too deep");
  CHECK_EQUAL(buffer.size(), size_t{0});
}

TEST(messages_follow_each_other_in_one_buffer) {
  Tree tree;
  Buffer buffer;
  EncodeError error;
  const Value* body = tree.parse("{ family: 'inet', index: 2 }");
  CHECK(encode_message(message("address.get"), NLM_F_DUMP, 7, TreeSource(), body, buffer, error));
  CHECK(encode_message(message("address.get"), NLM_F_ACK, 8, TreeSource(), body, buffer, error));
  CHECK_EQUAL(to_hex(buffer.span()), to_hex(from_hex("18000000 16000103 07000000 00000000 02000000 02000000"
                                                     "18000000 16000500 08000000 00000000 02000000 02000000")));
}

TEST(booleans_stand_for_bytes_and_absent_members_for_nothing) {
  CHECK_EQUAL(refusal("link.new", "{ info: { kind: 'bridge', data: { vlanFiltering: true } } }"), "");
}

// No program at hand sends CTA_FILTER (Linux 5.8): written by hand after ctnetlink_alloc_filter,
// net/netfilter/nf_conntrack_netlink.c, where the flags are of the machine's order.
TEST(a_connection_filter) {
  Tree tree;
  Buffer buffer;
  EncodeError error;
  const Value* body = tree.parse(
      "{ family: 2, original: { ip: { destination: '192.0.2.1' }, protocol: { number: 6, destinationPort: 443 } },"
      "  filter: { originalFlags: 74, replyFlags: 0 } }");
  CHECK(encode_message(message("connection.delete"), NLM_F_ACK, 0, TreeSource(), body, buffer, error));
  CHECK_EQUAL(to_hex(buffer.span()),
              to_hex(from_hex("4c000000 02010500 00000000 00000000 02000000"
                              "24000180"  // CTA_TUPLE_ORIG
                              "0c000180 08000200 c0000201"
                              "14000280 05000100 06000000 06000300 01bb0000"
                              "14001980"  // CTA_FILTER
                              "08000100 4a000000 08000200 00000000")));
}

}  // namespace
}  // namespace netlink::test
