// Lists of objects as columns. What is accepted is held against JSON.parse in test/unit/rows; here is what needs the
// sanitizers.
#include "json/row_reader.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <random>

#include "json/text_table.h"
#include "test/check.h"
#include "test/rows.h"

namespace netlink::test {
namespace {

using json::Rows;

const std::vector<json::Column>& columns() {
  static const std::vector<json::Column> all = rule_columns();
  return all;
}

std::optional<Rows> read(std::string_view text, std::optional<std::string_view> list = {}) {
  return json::read_rows(text, list, columns());
}

const std::string plain =
    R"([{"id":1,"type":"ingress","protocol":"tcp","portStart":22,"portEnd":-1,"sourceCidrs":["10.1.2.3/8","::/0"]},)"
    R"( {"id":"é","protocol":"tcp","sourceCidrs":["1.2.3.4"],"type":"egress","icmp":[{"a":-1.5e3},true,null]}])";

TEST(rows_of_a_list) {
  const auto rows = read(plain);
  CHECK(rows.has_value());
  if (!rows) return;
  CHECK_EQUAL(rows->count, 2U);
  CHECK_EQUAL(row_problem(*rows, columns(), plain), "");
  const auto text = [&](size_t column, size_t row) {
    return rows->texts[static_cast<size_t>(rows->columns[column].places[row])];
  };
  CHECK_EQUAL(text(0, 0), "ingress");
  CHECK_EQUAL(text(0, 1), "egress");
  CHECK_EQUAL(text(1, 0), "tcp");
  CHECK_EQUAL(rows->columns[1].places[0], rows->columns[1].places[1]);
  CHECK_EQUAL(rows->columns[2].integers[0], 22.0);
  CHECK_EQUAL(rows->columns[3].integers[0], -1.0);
  CHECK(std::isnan(rows->columns[2].integers[1]));
  const json::ColumnContent& networks = rows->columns[4];
  CHECK_EQUAL(networks.starts[1], 2U);
  CHECK_EQUAL(networks.starts[2], 3U);
  CHECK_EQUAL(networks.addresses[0], 0x0a000000U);
  CHECK_EQUAL(int{networks.prefixes[0]}, 8);
  CHECK_EQUAL(rows->texts[networks.addresses[1]], "::/0");
  CHECK_EQUAL(int{networks.prefixes[1]}, int{json::other_prefix});
  CHECK_EQUAL(networks.addresses[2], 0x01020304U);
  CHECK_EQUAL(int{networks.prefixes[2]}, 32);
}

TEST(rows_of_a_member) {
  const std::string text = R"({"a":["rules"],"rules": [] ,"b":{}})";
  const auto rows = read(text, "rules");
  CHECK(rows.has_value());
  if (!rows) return;
  CHECK_EQUAL(text.substr(rows->list_start, rows->list_end - rows->list_start), "[]");
  CHECK(!read(text, "a"));
  CHECK(!read(text, "c"));
  CHECK(!read(text));
}

// Texts that differ in one letter only, of every length the hash treats in its own way, and more of them than there is
// room at first.
TEST(different_texts_have_different_places) {
  std::string text = "[";
  uint32_t count = 0;
  for (size_t length = 1; length <= 40; length++) {
    for (size_t at = 0; at < length; at++) {
      for (const char letter : {'b', 'c'}) {
        std::string value(length, 'a');
        value[at] = letter;
        text += R"({"type":")" + value + R"(","protocol":"tcp"},)";
        count++;
      }
    }
  }
  text.back() = ']';
  const auto rows = read(text);
  CHECK(rows.has_value());
  if (!rows) return;
  CHECK_EQUAL(rows->count, count);
  CHECK_EQUAL(rows->texts.size(), count + 1);
  CHECK_EQUAL(row_problem(*rows, columns(), text), "");
}

// So many that some have the same hash.
TEST(texts_of_the_same_hash_have_different_places) {
  constexpr int32_t count = 400000;
  std::vector<std::string> texts;
  for (int32_t index = 0; index < count; index++) texts.push_back("text " + std::to_string(index));
  json::TextTable table;
  for (int32_t index = 0; index < count; index++) CHECK(table.place(texts[static_cast<size_t>(index)]) == index);
  for (int32_t index = 0; index < count; index++) CHECK(table.place(texts[static_cast<size_t>(index)]) == index);
}

// Somebody who chooses texts for their hash does not get a search that grows with the square.
TEST(texts_that_fall_together_are_declined) {
  json::TextTable table;
  std::vector<std::string> texts;
  for (int index = 0; texts.size() < 200; index++) {
    std::string text = std::to_string(index);
    if (json::text_hash(text) % 4096 == 0) texts.push_back(std::move(text));
  }
  size_t placed = 0;
  while (placed < texts.size() && table.place(texts[placed])) placed++;
  CHECK(placed > 100);
  CHECK(placed < texts.size());
  CHECK(table.place(texts[0]) == 0);
}

// Each in an allocation of its own, so that ASan sees a read past the end.
TEST(rows_cut_at_every_byte) {
  for (size_t length = 0; length < plain.size(); length++) {
    const std::unique_ptr<char[]> memory(new char[length]);
    std::memcpy(memory.get(), plain.data(), length);
    CHECK(!read({memory.get(), length}));
  }
}

TEST(rows_with_every_network_cut) {
  const std::string network = "255.255.255.255/32\"";
  for (size_t length = 0; length <= network.size(); length++) {
    const std::string text = R"([{"type":"","protocol":"","sourceCidrs":[")" + network.substr(0, length);
    const std::unique_ptr<char[]> memory(new char[text.size()]);
    std::memcpy(memory.get(), text.data(), text.size());
    CHECK(!read({memory.get(), text.size()}));
  }
}

TEST(rows_changed_at_random) {
  std::mt19937 random(20240603);
  const std::string letters = "{}[]\",:\\/0129-+.eE tfn\n\x01\x80\xc3";
  int accepted = 0;
  for (int round = 0; round < 200000; round++) {
    std::string text = plain;
    for (uint32_t changes = 1 + random() % 3; changes > 0; changes--) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = letters[random() % letters.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 4);
          break;
        default:
          text.insert(at, 1, letters[random() % letters.size()]);
      }
    }
    const std::unique_ptr<char[]> memory(new char[text.size()]);
    std::memcpy(memory.get(), text.data(), text.size());
    const std::string_view changed(memory.get(), text.size());
    const auto rows = read(changed);
    if (!rows) continue;
    accepted++;
    CHECK_EQUAL(row_problem(*rows, columns(), changed), "");
  }
  CHECK(accepted > 1000);
}

}  // namespace
}  // namespace netlink::test
