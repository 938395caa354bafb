#include "kernel/network_namespace.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace kernel {

namespace {

// /run/netns becomes a shared mount, so that unmounting a namespace in one mount namespace unmounts it in all of them.
// Under a lock, as iproute2 takes it: two that do this at once would stack mounts upon each other.
Failure prepare_directory() {
  if (mkdir(namespace_directory, 0755) != 0 && errno != EEXIST) return {errno, "mkdir", namespace_directory};
  const FileDescriptor lock(open(namespace_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock.open()) return {errno, "open", namespace_directory};
  while (flock(lock.number(), LOCK_EX) != 0) {
    if (errno != EINTR) return {errno, "flock", namespace_directory};
  }
  // With all mounts below it once, as iproute2 does each time: what is mounted on a shared mount is shared from the
  // beginning, and to look through the mounts of 1,000 namespaces takes 0.2 ms.
  static std::atomic<bool> was_shared = false;
  const unsigned long below = was_shared ? 0 : MS_REC;
  if (mount("", namespace_directory, "none", MS_SHARED | below, nullptr) == 0) {
    was_shared = true;
    return {};
  }
  // EINVAL: not a mount point yet.
  if (errno != EINVAL) return {errno, "mount", namespace_directory};
  if (mount(namespace_directory, namespace_directory, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      mount("", namespace_directory, "none", MS_SHARED | MS_REC, nullptr) != 0) {
    return {errno, "mount", namespace_directory};
  }
  return {};
}

bool on_nsfs(int descriptor) {
  struct statfs filesystem {};
  return fstatfs(descriptor, &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC;
}

}  // namespace

std::string namespace_path(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > NAME_MAX) return {};
  if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos) return {};
  return std::string(namespace_directory) + '/' + std::string(name);
}

Failure create_namespace(std::string_view name, Thread& thread) {
  const std::string path = namespace_path(name);
  if (path.empty()) return {EINVAL, "create", std::string(name)};
  if (Failure failure = prepare_directory()) return failure;
  {
    // Mode 0 as iproute2 makes it; the mount on top shows nsfs's own 0444.
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
    if (!file.open()) return {errno, "open", path};
  }
  NamespaceVisit visit;
  Failure failure = visit.enter_new();
  // The name last, so that whoever watches for it finds a whole namespace.
  if (!failure && mount("/proc/thread-self/ns/net", path.c_str(), "none", MS_BIND, nullptr) != 0) {
    failure = {errno, "mount", path};
  }
  thread = visit.leave();
  if (failure) unlink(path.c_str());
  return failure;
}

Failure create_unnamed_namespace(FileDescriptor& made, Thread& thread) {
  constexpr const char* own = "/proc/thread-self/ns/net";
  NamespaceVisit visit;
  if (Failure failure = visit.enter_new()) return failure;
  made = FileDescriptor(open(own, O_RDONLY | O_CLOEXEC));
  const int error = errno;
  thread = visit.leave();
  if (!made.open()) return {error, "open", own};
  return {};
}

Failure delete_namespace(std::string_view name) {
  const std::string path = namespace_path(name);
  if (path.empty()) return {EINVAL, "delete", std::string(name)};
  // EINVAL: a plain file without a mount. More than one mount may lie on it.
  while (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  if (errno != EINVAL && errno != ENOENT) return {errno, "umount2", path};
  if (unlink(path.c_str()) != 0) return {errno, "unlink", path};
  return {};
}

Failure list_namespaces(std::vector<std::string>& names) {
  names.clear();
  DIR* directory = opendir(namespace_directory);
  if (directory == nullptr) {
    if (errno == ENOENT) return {};
    return {errno, "opendir", namespace_directory};
  }
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return {};
}

bool is_namespace(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_PATH | O_CLOEXEC));
  return file.open() && on_nsfs(file.number());
}

Failure identify_namespace(const NamespaceReference& where, NamespaceIdentity& identity) {
  FileDescriptor opened;
  int descriptor = where.descriptor;
  const std::string path = where.current() ? "/proc/thread-self/ns/net" : where.path;
  if (descriptor < 0) {
    opened = FileDescriptor(open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!opened.open()) return {errno, "open", path};
    descriptor = opened.number();
  }
  if (!on_nsfs(descriptor)) return {EINVAL, "statfs", path};
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return {errno, "fstat", path};
  identity = {status.st_dev, status.st_ino};
  return {};
}

}  // namespace kernel
