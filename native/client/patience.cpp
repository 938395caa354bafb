#include "patience.h"

#include <time.h>

namespace client {

long NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void Pause::Take() {
  // A daemon takes less than 100 ms to start; looking costs 10 µs.
  constexpr long kLongest = 2;
  timespec pause{.tv_sec = 0, .tv_nsec = milliseconds_ * 1'000'000};
  nanosleep(&pause, nullptr);
  if (milliseconds_ < kLongest) milliseconds_ *= 2;
}

}  // namespace client
