#include "json/text_table.h"

#include <cstring>

namespace json {

namespace {

constexpr size_t first_slots = 64;
// Of ten million texts that fall at random the longest run is 80 slots.
constexpr size_t longest_search = 128;

uint64_t word(const char* bytes, size_t length) {
  uint64_t result = 0;
  std::memcpy(&result, bytes, length);
  return result;
}

uint64_t mixed(uint64_t value) {
  value *= 0x9e3779b97f4a7c15;
  return value ^ (value >> 32);
}

}  // namespace

// Texts of up to 16 bytes are read by two words that may overlap.
uint32_t text_hash(std::string_view text) {
  const char* bytes = text.data();
  size_t left = text.size();
  uint64_t hash = left;
  for (; left > 16; left -= 8, bytes += 8) hash = mixed(hash ^ word(bytes, 8));
  if (left >= 8) {
    hash = mixed(hash ^ word(bytes, 8));
    hash = mixed(hash ^ word(bytes + left - 8, 8));
  } else if (left >= 4) {
    hash = mixed(hash ^ (word(bytes, 4) << 32 | word(bytes + left - 4, 4)));
  } else if (left > 0) {
    const auto byte = [bytes](size_t index) { return static_cast<uint64_t>(static_cast<uint8_t>(bytes[index])); };
    hash = mixed(hash ^ (byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1)) << 8);
  }
  return static_cast<uint32_t>(mixed(hash));
}

TextTable::TextTable() : slots_(first_slots) {}

std::optional<int32_t> TextTable::place(std::string_view text) {
  const uint32_t hash = text_hash(text);
  Slot* slot = find(hash, text);
  if (slot == nullptr) return {};
  if (slot->place >= 0) return slot->place;
  const auto place = static_cast<int32_t>(texts_.size());
  *slot = {hash, place};
  texts_.push_back(text);
  if (texts_.size() * 2 > slots_.size() && !grow()) return {};
  return place;
}

TextTable::Slot* TextTable::find(uint32_t hash, std::string_view text) {
  for (size_t step = 0; step < longest_search; step++) {
    Slot& slot = slots_[(hash + step) & (slots_.size() - 1)];
    if (slot.place < 0 || (slot.hash == hash && texts_[static_cast<size_t>(slot.place)] == text)) return &slot;
  }
  return nullptr;
}

bool TextTable::grow() {
  std::vector<Slot> before(slots_.size() * 2);
  before.swap(slots_);
  for (const Slot& slot : before) {
    if (slot.place < 0) continue;
    Slot* room = find(slot.hash, texts_[static_cast<size_t>(slot.place)]);
    if (room == nullptr) return false;
    *room = slot;
  }
  return true;
}

}  // namespace json
