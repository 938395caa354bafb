#pragma once

#include <stdint.h>
#include <time.h>

// The clock of Node's process.hrtime: times of both can be compared.
static inline int64_t Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void Pause(long microseconds) {
  if (microseconds <= 0) return;
  struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&pause, NULL);
}
