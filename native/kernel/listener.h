// A TCP socket that listens inside a network namespace, for a server that runs outside of it.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/failure.h"
#include "kernel/file_descriptor.h"
#include "kernel/namespace_visit.h"

namespace kernel {

struct ListenAddress {
  std::string address;  // IPv4 or IPv6 text
  uint16_t port = 0;    // 0 = one the kernel chooses
  int backlog = 511;    // connections that may wait to be accepted
};

// The socket is non-blocking and closed on exec; an IPv6 one takes IPv6 only. EINVAL when the address is no address,
// EADDRNOTAVAIL when the namespace does not have it, EADDRINUSE.
Failure listen_inside(const NamespaceReference& where, const ListenAddress& address, FileDescriptor& listener,
                      Thread& thread);

}  // namespace kernel
