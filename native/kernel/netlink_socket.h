// A netlink socket that lives in one network namespace for as long as it is kept.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <span>

#include "kernel/deadline.h"
#include "kernel/failure.h"
#include "kernel/file_descriptor.h"
#include "kernel/namespace_visit.h"
#include "kernel/network_namespace.h"
#include "kernel/worker_context.h"

namespace kernel {

using Bytes = std::span<const uint8_t>;

// Used by one thread at a time.
class NetlinkSocket {
 public:
  // Opens a socket of `protocol` (NETLINK_ROUTE, NETLINK_NETFILTER) inside a namespace; the thread is back in its own
  // when this returns. Extended and capped acknowledgements and strict checking of dump requests are switched on.
  Failure open(int protocol, const NamespaceReference& where, Thread& thread);
  void close() { descriptor_.close(); }
  bool is_open() const { return descriptor_.open(); }
  int protocol() const { return protocol_; }
  const NamespaceIdentity& identity() const { return identity_; }

  // Sends all bytes as one datagram, which the kernel takes whole. The send buffer is forced to the size: one send
  // carries at most sk_sndbuf - 32 bytes (af_netlink.c), EMSGSIZE beyond.
  Failure send(Bytes bytes);

  // Makes room for so many acknowledgements: each takes about 1 KiB of the receive buffer whatever its length, and
  // those that do not fit are lost (ENOBUFS).
  void expect(size_t acknowledgements);

  // The next datagram from the kernel, in the worker's buffer: valid until the next call on the same thread.
  //   ENOBUFS     the kernel had to drop some of what it wanted to say
  //   EMSGSIZE    the datagram was longer than the buffer and is lost; the buffer has grown to its size
  //   ETIMEDOUT   nothing came in time
  //   EAGAIN      nothing is there now, and no deadline was given
  //   ECANCELED   the interrupt was raised
  int receive(const Deadline* deadline, WorkerContext& worker, Bytes& datagram);

  // Throws away what an abandoned request left behind; a dump that was not read to its end would refuse the next one
  // (EBUSY).
  void drain(WorkerContext& worker);
  // The next request has to drain first.
  void abandon() { abandoned_ = true; }

 private:
  FileDescriptor descriptor_;
  int protocol_ = -1;
  NamespaceIdentity identity_;
  size_t send_limit_ = 0;
  size_t receive_limit_ = 0;
  bool abandoned_ = false;
};

}  // namespace kernel
