#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "complaint.h"
#include "patience.h"
#include "places.h"
#include "starter.h"

namespace client {
namespace {

// So many daemons may be stopped while they start, and another one is started: more are a daemon that does not work.
constexpr int kMostStopped = 3;

// With a full backlog connect() waits, so it gets a limit of its own; sending has none.
void LimitSending(int socket, long milliseconds) {
  timeval limit{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

// A connected socket, or -1 when no daemon listens. Fails when one listens but does not let us in.
int TryConnect(long deadline) {
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) Fail("no socket: %s", strerror(errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  static_assert(sizeof(kSocket) <= sizeof(address.sun_path));
  memcpy(address.sun_path, kSocket, sizeof(kSocket));

  long left = deadline - NowMs();
  LimitSending(connection, left > 1 ? left : 1);
  int result = -1;
  do {
    result = connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (result < 0 && errno == EINTR);
  if (result == 0) {
    LimitSending(connection, 0);
    return connection;
  }

  int reason = errno;
  close(connection);
  switch (reason) {
    case ENOENT:
    case ECONNREFUSED:
      return -1;
    case EAGAIN:
      Fail("the daemon at %s did not take the call within %ld s", kSocket, kStartDeadlineMs / 1000);
    case EACCES:
    case EPERM:
      Fail("no access to %s: this program must be run by root", kSocket);
    default:
      Fail("cannot connect to %s: %s", kSocket, strerror(reason));
  }
}

}  // namespace

int ConnectToDaemon() {
  long deadline = NowMs() + kStartDeadlineMs;
  int connection = TryConnect(deadline);
  if (connection >= 0) return connection;

  Starter starter;
  int stopped = 0;
  for (Pause pause; NowMs() < deadline; pause.Take()) {
    if (!starter.started() && starter.TakeLock()) {
      // Whoever held the lock before may have brought a daemon up in the meantime.
      connection = TryConnect(deadline);
      if (connection >= 0) return connection;
      starter.Start();
    }
    // Asked before connecting: a daemon that ended because another one is there must not look like a failure.
    bool ended = starter.Ended();
    connection = TryConnect(deadline);
    if (connection >= 0) return connection;
    if (ended) {
      if (!starter.WasStopped() || ++stopped > kMostStopped) starter.FailWithReason();
      starter.Forget();
    }
  }
  if (starter.started()) {
    Fail("the daemon was started but did not listen on %s within %ld s (its messages: %s)", kSocket,
         kStartDeadlineMs / 1000, kDaemonStderr);
  }
  Fail("another daemon is starting or stopping, but none listened on %s within %ld s", kSocket,
       kStartDeadlineMs / 1000);
}

}  // namespace client
