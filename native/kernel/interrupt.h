// Ends every wait of the worker threads when their environment goes away.
#pragma once

#include <atomic>

#include "kernel/file_descriptor.h"

namespace kernel {

class Interrupt {
 public:
  Interrupt();
  // From any thread; cannot be taken back.
  void raise();
  bool raised() const { return raised_.load(std::memory_order_acquire); }
  // Readable once raised: goes into the poll(2) set of every wait.
  int descriptor() const { return event_.number(); }

 private:
  FileDescriptor event_;
  std::atomic<bool> raised_{false};
};

}  // namespace kernel
