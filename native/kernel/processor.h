// What spinning needs to know about the processor.
#pragma once

#include <sched.h>

#include <chrono>

#include "kernel/deadline.h"

namespace kernel {

// Tells the processor that this is a wait loop.
inline void pause_processor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

// Spinning on the only processor would keep the other thread from running at all.
inline bool may_spin() {
  cpu_set_t available;
  CPU_ZERO(&available);
  return sched_getaffinity(0, sizeof available, &available) == 0 && CPU_COUNT(&available) > 1;
}

// Looks at `condition` until it holds or the time is over; says whether it holds.
template <typename Condition>
bool spin_until(std::chrono::nanoseconds limit, Condition condition) {
  if (condition()) return true;
  if (limit.count() <= 0) return false;
  const auto end = Clock::now() + limit;
  do {
    // The clock costs as much as a few pauses, so it is asked only now and then.
    for (int turn = 0; turn < 8; ++turn) {
      pause_processor();
      if (condition()) return true;
    }
  } while (Clock::now() < end);
  return false;
}

}  // namespace kernel
