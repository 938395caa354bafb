// A condition variable over std::mutex.
//
// Not std::condition_variable: its wait() asks for the libstdc++ of GCC 12 (GLIBCXX_3.4.30), and it alone would keep a
// prebuilt addon from loading on Enterprise Linux 9.
#pragma once

#include <pthread.h>

#include <mutex>

namespace kernel {

class WakeUp {
 public:
  WakeUp() = default;
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;
  ~WakeUp() { pthread_cond_destroy(&condition_); }

  void notify_one() { pthread_cond_signal(&condition_); }
  void notify_all() { pthread_cond_broadcast(&condition_); }
  // Sleeps, with the lock released, until `condition` holds.
  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    while (!condition()) pthread_cond_wait(&condition_, lock.mutex()->native_handle());
  }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

}  // namespace kernel
