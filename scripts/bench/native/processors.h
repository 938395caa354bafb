#pragma once

#include <sched.h>

// Where the two programs of the packets run. A client that goes on alone has a processor of its own; one that waits for
// each answer shares the server's: waking another processor takes longer than what is measured, and never the same.
enum { kClientProcessor = 0, kServerProcessor = 1 };

// A machine with one processor has no choice.
static inline void Stay(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}
