#include "kernel/worker_pool.h"

#include <signal.h>

#include <algorithm>

#include "kernel/processor.h"

namespace kernel {

WorkerPool::WorkerPool(size_t threads)
    : most_threads_(std::max<size_t>(threads, 1)), spin_(may_spin() ? default_spin.count() : 0) {}

void WorkerPool::set_threads(size_t threads) {
  const std::lock_guard lock(mutex_);
  most_threads_ = std::max<size_t>(threads, 1);
}

bool WorkerPool::post(const std::shared_ptr<Strand>& strand, std::shared_ptr<Task> task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (live_ == 0 && !start_thread()) return false;
    strand->tasks_.push_back(std::move(task));
    if (strand->scheduled_) return true;
    strand->scheduled_ = true;
    ready_.push_back(strand);
    ready_count_.store(ready_.size(), std::memory_order_release);
    // Threads that are awake and looking take what is ready by themselves.
    if (ready_.size() > spinning_ + woken_) {
      if (sleeping_ > woken_) {
        ++woken_;
        wake = true;
      } else if (live_ < most_threads_ && ready_.size() > 0) {
        // Failing to start one more is no harm: those there are will come to it.
        start_thread();
      }
    }
  }
  if (wake) wake_.notify_one();
  return true;
}

bool WorkerPool::start_thread() {
  // Signals belong to the main thread, where Node handles them. The name stays the process's: nf_tables tells it to
  // everybody who watches (NFTA_GEN_PROC_NAME).
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const bool started = pthread_create(&thread, nullptr, enter, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) return false;
  threads_.push_back(thread);
  ++live_;
  return true;
}

void* WorkerPool::enter(void* pool) {
  static_cast<WorkerPool*>(pool)->work();
  return nullptr;
}

std::shared_ptr<Strand> WorkerPool::next(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (stopping_) return nullptr;
    if (ready_.empty() && spinning_ == 0 && spin().count() > 0) {
      ++spinning_;
      lock.unlock();
      spin_until(spin(), [this] { return ready_count_.load(std::memory_order_acquire) != 0; });
      lock.lock();
      --spinning_;
      if (stopping_) return nullptr;
    }
    while (ready_.empty() && !stopping_) {
      ++sleeping_;
      wake_.wait(lock, [this] { return woken_ > 0 || stopping_; });
      --sleeping_;
      if (woken_ > 0) --woken_;
    }
    if (stopping_) return nullptr;
    std::shared_ptr<Strand> strand = std::move(ready_.front());
    ready_.pop_front();
    ready_count_.store(ready_.size(), std::memory_order_release);
    return strand;
  }
}

void WorkerPool::work() {
  WorkerContext context(interrupt_);
  std::unique_lock lock(mutex_);
  while (std::shared_ptr<Strand> strand = next(lock)) {
    std::shared_ptr<Task> task = std::move(strand->tasks_.front());
    strand->tasks_.pop_front();
    lock.unlock();
    const Thread thread = task->run(context);
    task.reset();
    lock.lock();
    // Behind what other strands wait for.
    if (strand->tasks_.empty()) {
      strand->scheduled_ = false;
    } else {
      ready_.push_back(std::move(strand));
      ready_count_.store(ready_.size(), std::memory_order_release);
    }
    if (thread == Thread::lost) {
      // What is ready now needs a thread that is not lost.
      --live_;
      if (!stopping_ && !ready_.empty() && live_ < most_threads_) start_thread();
      return;
    }
  }
  --live_;
}

void WorkerPool::stop() {
  std::vector<pthread_t> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads = threads_;
    threads_.clear();
  }
  interrupt_.raise();
  wake_.notify_all();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  for (const auto& strand : ready_) strand->tasks_.clear();
  ready_.clear();
}

}  // namespace kernel
