// The literal trees that the other tests are written in.
#include "test/tree.h"

#include "test/check.h"

namespace netlink::test {
namespace {

TEST(literals_print_as_written) {
  for (const char* literal : {"{}", "[]", "true", "false", "0", "18446744073709551615", "-2147483648", "''", "h''",
                              "h'00ff'", "{ a: 1, b: [ 'x', h'0a' ], c: { d: -5 } }", "'it\\'s \\\\ \\x01'"}) {
    Tree tree;
    CHECK_EQUAL(print(*tree.parse(literal)), literal);
  }
}

TEST(malformed_literals_are_refused) {
  for (const char* literal : {"", "{", "{ a }", "{ a: }", "[ 1", "'x", "h'0", "h'0g'", "1 2", "nonsense"}) {
    Tree tree;
    CHECK(tree.parse(literal)->type == Source::Type::other);
  }
}

TEST(the_last_assignment_of_a_member_stays) {
  Tree tree;
  CHECK_EQUAL(print(*tree.parse("{ a: 1, a: 2 }")), "{ a: 2 }");
}

}  // namespace
}  // namespace netlink::test
