#include "kernel/interrupt.h"

#include <sys/eventfd.h>

#include <cstdint>

namespace kernel {

Interrupt::Interrupt() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Interrupt::raise() {
  raised_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  // Never read back, so the counter stays non-zero and every later poll returns at once.
  if (write(event_.number(), &one, sizeof one) < 0) return;
}

}  // namespace kernel
