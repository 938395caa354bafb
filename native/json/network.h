// IPv4 networks as numbers; what is one is said in src/address/ipv4-network.ts, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace json {

struct Network {
  uint32_t address;  // host bits cleared
  uint8_t prefix;    // 0 to 32
};

// 255.255.255.255/32 and what stands behind it.
constexpr size_t longest_network = 19;

namespace network_text {

inline unsigned digit(char byte) { return static_cast<unsigned>(static_cast<uint8_t>(byte)) - '0'; }

// 0 to `most`, of up to three digits and without leading zeros; what follows is for the caller to see.
inline bool number(const char*& at, unsigned most, unsigned& value) {
  value = digit(*at);
  if (value > 9) return false;
  at++;
  if (value == 0) return true;
  for (int more = 0; more < 2 && digit(*at) <= 9; more++, at++) value = value * 10 + digit(*at);
  return value <= most;
}

// Reads up to longest_network bytes.
inline bool network(const char*& at, Network& result) {
  uint32_t address = 0;
  for (int octet = 0; octet < 4; octet++) {
    if (octet > 0 && *at++ != '.') return false;
    unsigned value = 0;
    if (!number(at, 255, value)) return false;
    address = address << 8 | value;
  }
  unsigned prefix = 32;
  if (*at == '/' && !number(++at, 32, prefix)) return false;
  const uint32_t mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
  result = {address & mask, static_cast<uint8_t>(prefix)};
  return true;
}

}  // namespace network_text

// A network at the beginning of the text, with a quote behind it: how many bytes both are, or 0 when there is none.
inline size_t read_network(std::string_view text, Network& result) {
  char copy[longest_network] = {};
  const char* start = text.data();
  if (text.size() < longest_network) {
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    start = copy;
  }
  const char* at = start;
  return network_text::network(at, result) && *at == '"' ? static_cast<size_t>(at - start) + 1 : 0;
}

}  // namespace json
