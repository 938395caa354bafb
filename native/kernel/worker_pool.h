// A few threads of our own for everything that enters the kernel.
//
// Never libuv's pool: a thread that changes its network namespace must not be one that other code uses, and four
// waiting file operations must not delay a packet filter.
//
// Tasks of one strand run one after the other, in order; those of different strands at the same time. Threads start on
// demand.
//
// Waking a sleeping thread costs more than the work it is woken for (5-6 µs for a one-element transaction; the wake-up
// is a futex call for the waker and 10-50 µs until the sleeper runs on an idle virtual processor). So a thread that has
// just worked looks for more for a short while before it sleeps; one thread at a time, and none where only one
// processor is available.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "kernel/interrupt.h"
#include "kernel/task.h"
#include "kernel/wake_up.h"

namespace kernel {

// The order of tasks that must not run at the same time, e.g. those of one socket. Guarded by its pool.
class Strand {
 private:
  friend class WorkerPool;
  std::deque<std::shared_ptr<Task>> tasks_;
  bool scheduled_ = false;
};

class WorkerPool {
 public:
  // How long a thread that has just worked looks for more work.
  static constexpr std::chrono::nanoseconds default_spin = std::chrono::microseconds(50);

  explicit WorkerPool(size_t threads = 4);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { stop(); }

  // False when no thread could be started, or the pool has stopped; the task will not run then.
  bool post(const std::shared_ptr<Strand>& strand, std::shared_ptr<Task> task);
  // Interrupts what waits, drops what has not begun, and returns when all threads have ended. From one thread only.
  void stop();

  void set_threads(size_t threads);
  void set_spin(std::chrono::nanoseconds spin) { spin_.store(spin.count(), std::memory_order_relaxed); }
  std::chrono::nanoseconds spin() const { return std::chrono::nanoseconds(spin_.load(std::memory_order_relaxed)); }

 private:
  static void* enter(void* pool);
  void work();
  bool start_thread();
  std::shared_ptr<Strand> next(std::unique_lock<std::mutex>& lock);

  Interrupt interrupt_;
  std::mutex mutex_;
  WakeUp wake_;
  std::deque<std::shared_ptr<Strand>> ready_;
  std::atomic<size_t> ready_count_{0};
  std::vector<pthread_t> threads_;
  size_t most_threads_;
  size_t live_ = 0;
  size_t sleeping_ = 0;
  size_t woken_ = 0;
  size_t spinning_ = 0;
  bool stopping_ = false;
  std::atomic<int64_t> spin_;
};

}  // namespace kernel
