// Bytes as text and back.
#pragma once

#include <cctype>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netlink::test {

// Ignores everything that is no hexadecimal digit.
inline std::vector<uint8_t> from_hex(std::string_view text) {
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char character : text) {
    if (std::isxdigit(static_cast<unsigned char>(character)) == 0) continue;
    const int digit = character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
      continue;
    }
    bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
    high = -1;
  }
  return bytes;
}

// Sixteen bytes a line, so that two messages can be compared by eye.
inline std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (size_t index = 0; index < bytes.size(); index++) {
    if (index % 16 == 0) text += "\n      ";
    text += digits[bytes[index] >> 4];
    text += digits[bytes[index] & 15];
    text += index % 4 == 3 ? "  " : " ";
  }
  return text;
}

}  // namespace netlink::test
