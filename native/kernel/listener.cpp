#include "kernel/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace kernel {

Failure listen_inside(const NamespaceReference& where, const ListenAddress& address, FileDescriptor& listener,
                      Thread& thread) {
  sockaddr_storage name{};
  socklen_t length = 0;
  auto* four = reinterpret_cast<sockaddr_in*>(&name);
  auto* six = reinterpret_cast<sockaddr_in6*>(&name);
  if (inet_pton(AF_INET, address.address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(address.port);
    length = sizeof *four;
  } else if (inet_pton(AF_INET6, address.address.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(address.port);
    length = sizeof *six;
  } else {
    return {EINVAL, "inet_pton", address.address};
  }
  {
    NamespaceVisit visit;
    if (Failure failure = visit.enter(where)) return failure;
    listener = FileDescriptor(socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int error = errno;
    thread = visit.leave();
    if (!listener.open()) return {error, "socket", where.path};
  }
  const int one = 1;
  setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (name.ss_family == AF_INET6) setsockopt(listener.number(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  Failure failure;
  if (bind(listener.number(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    failure = {errno, "bind", address.address};
  } else if (listen(listener.number(), address.backlog) != 0) {
    failure = {errno, "listen", address.address};
  }
  if (failure) listener.close();
  return failure;
}

}  // namespace kernel
