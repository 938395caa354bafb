// Who is at the other end of a unix socket (SO_PEERCRED, unix(7)).
#pragma once

#include <sys/socket.h>

#include "kernel/failure.h"

namespace kernel {

// As they were when the peer connected. ENOTSOCK and the like when `descriptor` is no socket; ENOTCONN when it has no
// peer.
Failure read_peer_credentials(int descriptor, ucred& credentials);

}  // namespace kernel
