// Starts the daemon, once, however many clients want it at the same moment.
#pragma once

#include <sys/types.h>

namespace client {

class Starter {
 public:
  Starter() = default;
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;
  ~Starter();

  // True for the one client that may start a daemon: no other client is at it, and no daemon started by one is alive.
  bool TakeLock();
  // Starts the daemon in a session of its own, with nothing of ours open but the lock. Fails (exit) when it cannot be
  // executed.
  void Start();
  bool started() const { return daemon_ > 0; }
  // True once the started daemon has ended.
  bool Ended();
  // True if it ended in order, before it served anybody: somebody has asked it to, and a call waits for another one. To
  // be asked once it has ended.
  bool WasStopped() const;
  // Another daemon may be started; the lock is still ours.
  void Forget();
  // Exits with what the daemon said before it ended.
  [[noreturn]] void FailWithReason();

 private:
  int lock_ = -1;
  pid_t daemon_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace client
