// A netlink socket as its JavaScript object and the requests on it share it.
#pragma once

#include <memory>

#include "addon/patience.h"
#include "kernel/netlink_socket.h"
#include "kernel/worker_pool.h"

namespace addon {

struct SocketLink {
  // Touched by one worker at a time: everything that uses it is a task of the strand.
  kernel::NetlinkSocket socket;
  const std::shared_ptr<kernel::Strand> strand = std::make_shared<kernel::Strand>();

  // Touched by the JavaScript thread only.
  size_t outstanding = 0;  // requests not answered yet
  Patience batches;
  Patience dumps;
};

}  // namespace addon
