// A moment after which waiting is over.
#pragma once

#include <time.h>

#include <chrono>

namespace kernel {

using Clock = std::chrono::steady_clock;

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now) : moment_(Clock::now() + from_now) {}
  bool passed() const { return Clock::now() >= moment_; }
  // What is left, for ppoll(2); zero when it has passed.
  timespec left() const {
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(moment_ - Clock::now()).count();
    if (rest <= 0) return {};
    return {static_cast<time_t>(rest / 1'000'000'000), static_cast<long>(rest % 1'000'000'000)};
  }

 private:
  Clock::time_point moment_;
};

}  // namespace kernel
