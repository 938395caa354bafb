// Reads a JSON list of objects into columns, in one pass and without a value for each object. It reads what programs
// write and declines everything unusual: what it accepts JSON.parse accepts with the same meaning, the reverse is not
// so. What columns are is documented in src/rows/column.ts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace json {

enum class ColumnKind : uint8_t { text, integer, networks };

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  bool required = false;  // a row without it, or with null, is declined
};

constexpr size_t most_columns = 64;
constexpr int32_t no_text = -1;
constexpr uint8_t other_prefix = 255;

// What is in one column; only the members of its kind are used.
struct ColumnContent {
  std::vector<int32_t> places;      // text: among the texts, or no_text
  std::vector<double> integers;     // not a number for none
  std::vector<uint32_t> starts;     // networks: where a row's begin; one more than rows
  std::vector<uint32_t> addresses;  // place among the texts where the prefix is other_prefix
  std::vector<uint8_t> prefixes;
};

struct Rows {
  uint32_t count = 0;
  std::vector<std::string_view> texts;  // in the document
  std::vector<ColumnContent> columns;   // in the order they were asked for
  // The list in the document, brackets included.
  size_t list_start = 0;
  size_t list_end = 0;
};

// `list`: member of the document's object that has the list; none: the document is the list. At most `most_columns`
// columns.
std::optional<Rows> read_rows(std::string_view document, std::optional<std::string_view> list,
                              std::span<const Column> columns);

}  // namespace json
