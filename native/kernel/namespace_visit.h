// Moves the calling thread into a network namespace for a moment.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/failure.h"
#include "kernel/file_descriptor.h"

namespace kernel {

// Which network namespace is meant: the calling process's own (both members empty), a file such as /run/netns/example
// or /proc/1/ns/net, or an open descriptor of one.
struct NamespaceReference {
  std::string path;
  int descriptor = -1;

  bool current() const { return path.empty() && descriptor < 0; }
};

// What a piece of work left its thread like. A thread that cannot return to its own namespace must do no more work: a
// process inside a user namespace may leave a network namespace that it does not own, but never come back.
enum class Thread : uint8_t { usable, lost };

class NamespaceVisit {
 public:
  NamespaceVisit() = default;
  NamespaceVisit(const NamespaceVisit&) = delete;
  NamespaceVisit& operator=(const NamespaceVisit&) = delete;
  ~NamespaceVisit() { leave(); }

  // setns(2) into the namespace. Only on a thread of our own. ENOENT and EINVAL when `where` is no namespace.
  Failure enter(const NamespaceReference& where);
  // unshare(2): a new namespace, which goes with its last user.
  Failure enter_new();
  // Back to the thread's own namespace.
  Thread leave();

 private:
  Failure remember();

  FileDescriptor own_;
};

}  // namespace kernel
