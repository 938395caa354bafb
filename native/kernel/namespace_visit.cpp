#include "kernel/namespace_visit.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>

namespace kernel {

// /proc/self would name the namespace of the main thread.
constexpr const char* own_namespace = "/proc/thread-self/ns/net";

Failure NamespaceVisit::remember() {
  own_ = FileDescriptor(open(own_namespace, O_RDONLY | O_CLOEXEC));
  if (!own_.open()) return {errno, "open", own_namespace};
  return {};
}

Failure NamespaceVisit::enter(const NamespaceReference& where) {
  if (where.current()) return {};
  FileDescriptor opened;
  int target = where.descriptor;
  if (target < 0) {
    opened = FileDescriptor(open(where.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.open()) return {errno, "open", where.path};
    target = opened.number();
  }
  if (Failure failure = remember()) return failure;
  if (setns(target, CLONE_NEWNET) != 0) {
    const int error = errno;
    own_.close();
    return {error, "setns", where.path};
  }
  return {};
}

Failure NamespaceVisit::enter_new() {
  if (Failure failure = remember()) return failure;
  if (unshare(CLONE_NEWNET) != 0) {
    const int error = errno;
    own_.close();
    return {error, "unshare"};
  }
  return {};
}

Thread NamespaceVisit::leave() {
  if (!own_.open()) return Thread::usable;
  const bool back = setns(own_.number(), CLONE_NEWNET) == 0;
  own_.close();
  return back ? Thread::usable : Thread::lost;
}

}  // namespace kernel
