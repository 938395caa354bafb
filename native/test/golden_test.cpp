// What ip, nft and conntrack send decodes to the tree we mean, and that tree encodes to the same bytes.
#include "test/golden.h"

#include "codec/decode.h"
#include "codec/encode.h"
#include "test/canonical.h"
#include "test/check.h"
#include "test/hex.h"
#include "test/tree.h"

namespace netlink::test {
namespace {

std::string named(const Golden& golden) { return golden.place + " " + golden.message + " (" + golden.command + ")"; }

void check_decoding(const Golden& golden, const MessageType& type, const Value& expected) {
  Tree tree;
  CHECK_EQUAL(print(decode_message(type, golden.bytes, tree)), print(expected));
}

void check_encoding(const Golden& golden, const MessageType& type, const Value& body) {
  nlmsghdr header{};
  std::memcpy(&header, golden.bytes.data(), sizeof header);
  Buffer buffer;
  EncodeError error;
  if (!encode_message(type, header.nlmsg_flags, header.nlmsg_seq, TreeSource(), &body, buffer, error)) {
    report(__FILE__, __LINE__, "cannot be encoded: " + error.path + ": " + error.problem);
    return;
  }
  if (golden.quirks == 0) {
    CHECK_EQUAL(to_hex(buffer.span()), to_hex(golden.bytes));
    return;
  }
  const auto same = [&](Quirks quirks) {
    return canonical(type, buffer.span(), quirks) == canonical(type, golden.bytes, quirks);
  };
  if (!same(golden.quirks)) CHECK_EQUAL(to_hex(buffer.span()), to_hex(golden.bytes));
  for (const QuirkName& name : quirk_names) {
    if ((golden.quirks & name.quirk) == 0 || !same(golden.quirks & ~name.quirk)) continue;
    report(__FILE__, __LINE__, std::string("has no quirk of ") + name.text);
  }
}

TEST(golden) {
  const std::vector<Golden> messages = all_golden();
  CHECK(messages.size() > 150);
  for (const Golden& golden : messages) {
    run_case(named(golden), [&] {
      const MessageType* type = message_type(std::string_view(golden.message));
      if (type == nullptr || golden.bytes.size() < NLMSG_HDRLEN) {
        report(__FILE__, __LINE__, "no message, or no bytes");
        return;
      }
      nlmsghdr header{};
      std::memcpy(&header, golden.bytes.data(), sizeof header);
      CHECK_EQUAL(header.nlmsg_type, type->type);
      CHECK_EQUAL(header.nlmsg_len, golden.bytes.size());
      Tree tree;
      const Value* expected = tree.parse(golden.tree);
      CHECK_EQUAL(expected->text, "");
      check_decoding(golden, *type, *expected);
      check_encoding(golden, *type, *expected);
    });
  }
}

}  // namespace
}  // namespace netlink::test
