#include "kernel/netlink_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace kernel {

namespace {

// A limit, not an allocation. The kernel doubles the number to account for its own structures.
constexpr size_t receive_limit_usual = size_t{8} * 1024 * 1024;
constexpr size_t receive_limit_most = size_t{256} * 1024 * 1024;
constexpr size_t per_acknowledgement = 1024;
// What netlink_sendmsg() keeps back from the send buffer.
constexpr size_t send_reserve = 32;

void set_option(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

// Forced where we may (CAP_NET_ADMIN over the namespace), else up to the system's limit.
size_t set_limit(int descriptor, int forced, int plain, size_t size) {
  const int value = static_cast<int>(std::min<size_t>(size, INT_MAX / 2));
  if (setsockopt(descriptor, SOL_SOCKET, forced, &value, sizeof value) != 0) {
    set_option(descriptor, SOL_SOCKET, plain, value);
  }
  int actual = 0;
  socklen_t length = sizeof actual;
  getsockopt(descriptor, SOL_SOCKET, plain, &actual, &length);
  return static_cast<size_t>(std::max(actual, 0));
}

}  // namespace

Failure NetlinkSocket::open(int protocol, const NamespaceReference& where, Thread& thread) {
  {
    NamespaceVisit visit;
    if (Failure failure = visit.enter(where)) return failure;
    Failure failure = identify_namespace({}, identity_);
    if (!failure) {
      descriptor_ = FileDescriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
      if (!descriptor_.open()) failure = {errno, "socket", where.path};
    }
    thread = visit.leave();
    if (failure) return failure;
  }
  const int number = descriptor_.number();
  // Without these the socket still works; the kernels we support have them all.
  set_option(number, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  set_option(number, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  set_option(number, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  // Connected to the kernel: other processes cannot send to this socket any more, and a port is bound.
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    descriptor_.close();
    return {error, "bind"};
  }
  if (connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    descriptor_.close();
    return {error, "connect"};
  }
  protocol_ = protocol;
  int limit = 0;
  socklen_t length = sizeof limit;
  getsockopt(number, SOL_SOCKET, SO_SNDBUF, &limit, &length);
  send_limit_ = static_cast<size_t>(std::max(limit, 0));
  receive_limit_ = set_limit(number, SO_RCVBUFFORCE, SO_RCVBUF, receive_limit_usual);
  return {};
}

Failure NetlinkSocket::send(Bytes bytes) {
  if (bytes.size() + send_reserve > send_limit_) {
    send_limit_ = set_limit(descriptor_.number(), SO_SNDBUFFORCE, SO_SNDBUF, bytes.size() + send_reserve);
  }
  for (;;) {
    if (::send(descriptor_.number(), bytes.data(), bytes.size(), 0) >= 0) return {};
    if (errno != EINTR) return {errno, "send"};
  }
}

void NetlinkSocket::expect(size_t acknowledgements) {
  const size_t size = std::min(acknowledgements * per_acknowledgement, receive_limit_most);
  // The limit reads back doubled, and so does what counts against it.
  if (size * 2 > receive_limit_) {
    receive_limit_ = set_limit(descriptor_.number(), SO_RCVBUFFORCE, SO_RCVBUF, size);
  }
}

int NetlinkSocket::receive(const Deadline* deadline, WorkerContext& worker, Bytes& datagram) {
  std::vector<uint8_t>& buffer = worker.read_buffer;
  for (;;) {
    sockaddr_nl sender{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    // The kernel answers while send() runs, so the reply is nearly always here already: no poll first. MSG_TRUNC asks
    // for the true length of a datagram that did not fit.
    const ssize_t size = recvmsg(descriptor_.number(), &message, MSG_DONTWAIT | MSG_TRUNC);
    if (size >= 0) {
      if (message.msg_namelen != sizeof sender || sender.nl_pid != 0) continue;
      if (static_cast<size_t>(size) > buffer.size()) {
        buffer.resize(static_cast<size_t>(size));
        return EMSGSIZE;
      }
      datagram = Bytes(buffer.data(), static_cast<size_t>(size));
      return 0;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    if (deadline == nullptr) return EAGAIN;
    if (worker.interrupt.raised()) return ECANCELED;
    const timespec left = deadline->left();
    if (left.tv_sec == 0 && left.tv_nsec == 0) return ETIMEDOUT;
    pollfd waits[2] = {{descriptor_.number(), POLLIN, 0}, {worker.interrupt.descriptor(), POLLIN, 0}};
    if (ppoll(waits, 2, &left, nullptr) < 0 && errno != EINTR) return errno;
  }
}

void NetlinkSocket::drain(WorkerContext& worker) {
  if (!abandoned_) return;
  Bytes ignored;
  for (;;) {
    const int error = receive(nullptr, worker, ignored);
    if (error != 0 && error != ENOBUFS && error != EMSGSIZE) break;
    if (worker.interrupt.raised()) return;
  }
  abandoned_ = false;
}

}  // namespace kernel
