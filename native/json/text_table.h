// Each different text once: its place by what it says. The texts stay where they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace json {

uint32_t text_hash(std::string_view text);

class TextTable {
 public:
  TextTable();
  // The text's place among all; none when too many others fall together with it, as they do only when somebody means
  // them to.
  std::optional<int32_t> place(std::string_view text);
  const std::vector<std::string_view>& texts() const { return texts_; }
  std::vector<std::string_view> take() { return std::move(texts_); }

 private:
  struct Slot {
    uint32_t hash = 0;
    int32_t place = -1;
  };
  bool grow();
  // Where the text is, or else where there is room for it; null when both are too far away.
  Slot* find(uint32_t hash, std::string_view text);

  std::vector<Slot> slots_;  // twice as many as texts, at least; a power of two
  std::vector<std::string_view> texts_;
};

}  // namespace json
