// An Ethernet address.
#pragma once

#include <array>
#include <cstdint>

namespace kernel {

using HardwareAddress = std::array<uint8_t, 6>;

}  // namespace kernel
