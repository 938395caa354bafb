// Any text as a list of rules, by itself or as a member of an object.
#include "test/rows.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<json::Column> columns = netlink::test::rule_columns();
  const std::string_view document(reinterpret_cast<const char*>(data), size);
  for (const auto list : {std::optional<std::string_view>(), std::optional<std::string_view>("rules")}) {
    const auto rows = json::read_rows(document, list, columns);
    if (!rows) continue;
    const std::string problem = netlink::test::row_problem(*rows, columns, document);
    if (problem.empty()) continue;
    std::fprintf(stderr, "%s\n", problem.c_str());
    std::abort();
  }
  return 0;
}
