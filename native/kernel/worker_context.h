// What a worker thread lends to the work it does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/interrupt.h"

namespace kernel {

struct WorkerContext {
  // Twice what the kernel fills into one datagram of a dump (32 KiB, netlink_dump()).
  static constexpr size_t read_size = size_t{64} * 1024;

  explicit WorkerContext(const Interrupt& ends) : interrupt(ends), read_buffer(read_size) {}

  const Interrupt& interrupt;
  // Belongs to the thread and not to each socket: a host has thousands of sockets, and a few threads.
  std::vector<uint8_t> read_buffer;
};

}  // namespace kernel
