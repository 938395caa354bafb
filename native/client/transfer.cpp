#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

namespace client {
namespace {

// True when the failed call is worth repeating; waits until the descriptor is ready if it has to.
bool Retry(int descriptor, short event) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd waiting{.fd = descriptor, .events = event, .revents = 0};
  return poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

bool WriteAll(int descriptor, const void* bytes, size_t length) {
  const char* next = static_cast<const char*>(bytes);
  while (length > 0) {
    ssize_t written = write(descriptor, next, length);
    if (written < 0) {
      if (Retry(descriptor, POLLOUT)) continue;
      return false;
    }
    next += written;
    length -= static_cast<size_t>(written);
  }
  return true;
}

ssize_t ReadSome(int descriptor, void* bytes, size_t length) {
  for (;;) {
    ssize_t got = read(descriptor, bytes, length);
    if (got >= 0 || !Retry(descriptor, POLLIN)) return got;
  }
}

}  // namespace client
