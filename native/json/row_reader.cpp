#include "json/row_reader.h"

#include <cstring>
#include <limits>

#include "json/network.h"
#include "json/scanner.h"
#include "json/text_table.h"

namespace json {

namespace {

// Of values that nobody wants: the stack is not ours alone.
constexpr int deepest = 64;
constexpr double no_integer = std::numeric_limits<double>::quiet_NaN();
// A guess; too small, and columns are copied while they grow; too large, and pages are left that nobody touches.
constexpr size_t bytes_of_row = 96;
constexpr size_t most_names = 32;

class RowReader {
 public:
  RowReader(std::string_view document, std::span<const Column> columns) : scanner_(document), wanted_(columns) {
    const size_t rows = document.size() / bytes_of_row + 1;
    rows_.columns.resize(columns.size());
    last_.resize(columns.size());
    for (size_t index = 0; index < columns.size(); index++) {
      if (columns[index].required) required_ |= bit(index);
      ColumnContent& content = rows_.columns[index];
      switch (columns[index].kind) {
        case ColumnKind::text:
          content.places.reserve(rows);
          break;
        case ColumnKind::integer:
          content.integers.reserve(rows);
          break;
        case ColumnKind::networks:
          content.starts.reserve(rows + 1);
          content.addresses.reserve(rows * 2);
          content.prefixes.reserve(rows * 2);
          content.starts.push_back(0);
          break;
      }
    }
  }

  bool document(std::optional<std::string_view> list) {
    if (!(list ? object_with(*list) : read_list())) return false;
    rows_.texts = texts_.take();
    return scanner_.at_end();
  }

  Rows& rows() { return rows_; }

 private:
  static constexpr size_t unwanted = SIZE_MAX;
  // A member's name as it stands in the rows, with its quotes, and whose column it is.
  struct Name {
    std::string_view quoted;
    size_t column;
  };
  // The text that a column had last.
  struct Last {
    std::string_view quoted;
    int32_t place = no_text;
  };

  static uint64_t bit(size_t index) { return uint64_t{1} << index; }
  static std::string_view inside(std::string_view quoted) { return quoted.substr(1, quoted.size() - 2); }

  bool object_with(std::string_view list) {
    if (!scanner_.take('{')) return false;
    bool found = false;
    do {
      scanner_.skip_space();
      const auto name = scanner_.quoted();
      if (!name || !scanner_.take(':')) return false;
      if (inside(*name) == list) {
        if (found || !read_list()) return false;
        found = true;
      } else if (inside(*name) == "__proto__" || !scanner_.skip_value(deepest)) {
        return false;
      }
    } while (scanner_.take(','));
    return found && scanner_.take('}');
  }

  bool read_list() {
    scanner_.skip_space();
    rows_.list_start = scanner_.offset();
    if (!scanner_.take('[')) return false;
    if (!scanner_.take(']')) {
      do {
        if (!row()) return false;
      } while (scanner_.take(','));
      if (!scanner_.take(']')) return false;
    }
    rows_.list_end = scanner_.offset();
    return true;
  }

  bool row() {
    if (!scanner_.take('{')) return false;
    uint64_t seen = 0;
    if (!scanner_.take('}')) {
      size_t expected = 0;
      do {
        scanner_.skip_space();
        size_t column = unwanted;
        if (!name(expected, column) || !scanner_.take(':')) return false;
        if (column == unwanted) {
          if (!scanner_.skip_value(deepest)) return false;
          continue;
        }
        if ((seen & bit(column)) != 0) return false;
        seen |= bit(column);
        scanner_.skip_space();
        if (!value(column)) return false;
      } while (scanner_.take(','));
      if (!scanner_.take('}')) return false;
    }
    if ((required_ & ~seen) != 0) return false;
    for (size_t column = 0; column < wanted_.size(); column++) {
      if ((seen & bit(column)) == 0) none(column);
    }
    rows_.count++;
    return true;
  }

  // Rows have their members in the same order; some lack a few. `expected`: which name comes next.
  bool name(size_t& expected, size_t& column) {
    for (size_t step = 0; step < names_.size(); step++) {
      if (expected >= names_.size()) expected = 0;
      const Name& known = names_[expected++];
      if (scanner_.take(known.quoted)) {
        column = known.column;
        return true;
      }
    }
    const auto quoted = scanner_.quoted();
    if (!quoted) return false;
    for (size_t index = 0; index < wanted_.size(); index++) {
      if (wanted_[index].name == inside(*quoted)) column = index;
    }
    if (names_.size() < most_names) {
      names_.push_back({*quoted, column});
      expected = names_.size();
    }
    return true;
  }

  bool value(size_t column) {
    if (scanner_.take("null")) {
      none(column);
      return !wanted_[column].required;
    }
    ColumnContent& content = rows_.columns[column];
    switch (wanted_[column].kind) {
      case ColumnKind::text:
        return text(content, last_[column]);
      case ColumnKind::integer: {
        double number = 0;
        if (!scanner_.integer(number)) return false;
        content.integers.push_back(number);
        return true;
      }
      case ColumnKind::networks:
        return networks(content);
    }
    return false;
  }

  void none(size_t column) {
    ColumnContent& content = rows_.columns[column];
    switch (wanted_[column].kind) {
      case ColumnKind::text:
        content.places.push_back(no_text);
        break;
      case ColumnKind::integer:
        content.integers.push_back(no_integer);
        break;
      case ColumnKind::networks:
        content.starts.push_back(content.starts.back());
        break;
    }
  }

  bool text(ColumnContent& content, Last& last) {
    if (last.place == no_text || !scanner_.take(last.quoted)) {
      const auto quoted = scanner_.quoted();
      if (!quoted) return false;
      const auto place = texts_.place(inside(*quoted));
      if (!place) return false;
      last = {*quoted, *place};
    }
    content.places.push_back(last.place);
    return true;
  }

  bool networks(ColumnContent& content) {
    if (!scanner_.take('[')) return false;
    if (!scanner_.take(']')) {
      do {
        scanner_.skip_space();
        if (!network(content)) return false;
      } while (scanner_.take(','));
      if (!scanner_.take(']')) return false;
    }
    content.starts.push_back(static_cast<uint32_t>(content.addresses.size()));
    return true;
  }

  bool network(ColumnContent& content) {
    const std::string_view rest = scanner_.rest();
    if (rest.empty() || rest[0] != '"') return false;
    Network network{};
    if (const size_t length = read_network(rest.substr(1), network); length > 0) {
      scanner_.skip(1 + length);
    } else {
      const auto quoted = scanner_.quoted();
      if (!quoted) return false;
      const auto place = texts_.place(inside(*quoted));
      if (!place) return false;
      network = {static_cast<uint32_t>(*place), other_prefix};
    }
    content.addresses.push_back(network.address);
    content.prefixes.push_back(network.prefix);
    return true;
  }

  Scanner scanner_;
  std::span<const Column> wanted_;
  uint64_t required_ = 0;  // bits of columns
  std::vector<Name> names_;
  std::vector<Last> last_;  // of each column
  TextTable texts_;
  Rows rows_;
};

}  // namespace

std::optional<Rows> read_rows(std::string_view document, std::optional<std::string_view> list,
                              std::span<const Column> columns) {
  // Places are 32 bits wide.
  if (document.size() > INT32_MAX || columns.size() > most_columns) return {};
  RowReader reader(document, columns);
  if (!reader.document(list)) return {};
  return std::move(reader.rows());
}

}  // namespace json
