#include "kernel/file_lock.h"

#include <sys/file.h>

#include <cerrno>

namespace kernel {

Failure try_lock(int descriptor, bool& locked) {
  locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  if (!locked && errno != EWOULDBLOCK) return {errno, "flock"};
  return {};
}

}  // namespace kernel
