#include "kernel/peer_credentials.h"

#include <cerrno>

namespace kernel {

Failure read_peer_credentials(int descriptor, ucred& credentials) {
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return {errno, "getsockopt"};
  // Sockets of other families, and unix sockets without a peer, answer with process 0.
  if (credentials.pid == 0) return {ENOTCONN, "getsockopt"};
  return {};
}

}  // namespace kernel
