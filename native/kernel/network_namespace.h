// Named network namespaces, made and listed as `ip netns` does (iproute2, ip/ipnetns.c).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "kernel/failure.h"
#include "kernel/namespace_visit.h"

namespace kernel {

inline constexpr const char* namespace_directory = "/run/netns";

// What tells one namespace from another for as long as it lives: device and inode of its nsfs file.
struct NamespaceIdentity {
  dev_t device = 0;
  ino_t inode = 0;
};

// /run/netns/<name>; empty when the name cannot be a file's (empty, '.', '..', with '/' or NUL, longer than NAME_MAX).
std::string namespace_path(std::string_view name);

// Makes the namespace. On a thread of our own. EEXIST when the name is taken (also by a plain file), EINVAL for a bad
// name.
Failure create_namespace(std::string_view name, Thread& thread);

// Makes a namespace that has no name and goes with the last descriptor and socket in it. On a thread of our own.
Failure create_unnamed_namespace(FileDescriptor& made, Thread& thread);

// Takes the name away: a mounted namespace, or the plain file that an interrupted creation left. The namespace itself
// lives until its last process, socket and link in flight are gone. ENOENT when there is no such name.
Failure delete_namespace(std::string_view name);

// The names in /run/netns, sorted; whatever lies there, as `ip netns list` does. A missing directory is an empty list.
Failure list_namespaces(std::vector<std::string>& names);

// Whether `path` is a namespace file (on nsfs), not the plain file that a half-made one leaves.
bool is_namespace(const std::string& path);

// EINVAL when the reference is no namespace file. Of the current namespace: that of the calling thread.
Failure identify_namespace(const NamespaceReference& where, NamespaceIdentity& identity);

}  // namespace kernel
