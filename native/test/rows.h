// What tests and fuzzers of the row reader have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/row_reader.h"

namespace netlink::test {

inline std::vector<json::Column> rule_columns() {
  using json::ColumnKind;
  return {
      {"type", ColumnKind::text, true},
      {"protocol", ColumnKind::text, true},
      {"portStart", ColumnKind::integer, false},
      {"portEnd", ColumnKind::integer, false},
      {"sourceCidrs", ColumnKind::networks, false},
  };
}

// What is wrong with columns, whatever they were read from; empty for nothing.
std::string row_problem(const json::Rows& rows, const std::vector<json::Column>& columns, std::string_view document);

}  // namespace netlink::test
