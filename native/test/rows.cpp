#include "test/rows.h"

#include <cmath>
#include <set>

namespace netlink::test {

namespace {

std::string text_problem(const json::ColumnContent& content, const json::Rows& rows, bool required) {
  if (content.places.size() != rows.count) return "not as many texts as rows";
  const auto texts = static_cast<int32_t>(rows.texts.size());
  for (const int32_t place : content.places) {
    if (place < json::no_text || place >= texts || (required && place == json::no_text)) return "a text out of place";
  }
  return "";
}

std::string integer_problem(const json::ColumnContent& content, const json::Rows& rows) {
  if (content.integers.size() != rows.count) return "not as many numbers as rows";
  for (const double number : content.integers) {
    if (!std::isnan(number) && (std::trunc(number) != number || std::abs(number) >= 1e15)) return "not a whole number";
    if (number == 0 && std::signbit(number)) return "-0";
  }
  return "";
}

std::string network_problem(const json::ColumnContent& content, const json::Rows& rows) {
  const auto& [places, integers, starts, addresses, prefixes] = content;
  if (starts.size() != rows.count + 1 || starts.front() != 0 || starts.back() != addresses.size()) {
    return "not as many networks as rows have";
  }
  for (size_t row = 0; row < rows.count; row++) {
    if (starts[row] > starts[row + 1]) return "networks out of order";
  }
  if (prefixes.size() != addresses.size()) return "not as many prefixes as addresses";
  for (size_t index = 0; index < prefixes.size(); index++) {
    const uint8_t prefix = prefixes[index];
    if (prefix == json::other_prefix) {
      if (addresses[index] >= rows.texts.size()) return "a network's text out of place";
    } else if (prefix > 32 || (prefix < 32 && (addresses[index] << prefix) != 0)) {
      return "host bits";
    }
  }
  return "";
}

}  // namespace

std::string row_problem(const json::Rows& rows, const std::vector<json::Column>& columns, std::string_view document) {
  if (rows.columns.size() != columns.size()) return "not as many columns as asked for";
  if (rows.list_end > document.size() || rows.list_start + 2 > rows.list_end || document[rows.list_start] != '[' ||
      document[rows.list_end - 1] != ']') {
    return "the list is elsewhere";
  }
  if (std::set<std::string_view>(rows.texts.begin(), rows.texts.end()).size() != rows.texts.size())
    return "a text twice";
  for (const std::string_view text : rows.texts) {
    for (const char letter : text) {
      if (letter < ' ' || letter == '"' || letter == '\\') return "a text that is not plain";
    }
  }
  for (size_t index = 0; index < columns.size(); index++) {
    const json::ColumnContent& content = rows.columns[index];
    std::string problem;
    switch (columns[index].kind) {
      case json::ColumnKind::text:
        problem = text_problem(content, rows, columns[index].required);
        break;
      case json::ColumnKind::integer:
        problem = integer_problem(content, rows);
        break;
      case json::ColumnKind::networks:
        problem = network_problem(content, rows);
        break;
    }
    if (!problem.empty()) return columns[index].name + ": " + problem;
  }
  return "";
}

}  // namespace netlink::test
