#include "kernel/detached_mount.h"

#include <linux/mount.h>
#include <sys/syscall.h>

#include <cerrno>

namespace kernel {

// System calls, because glibc knows them from 2.36 on.
Failure mount_detached(const char* type, FileDescriptor& root) {
  const FileDescriptor context(static_cast<int>(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)));
  if (!context.open()) return {errno, "fsopen", type};
  if (syscall(SYS_fsconfig, context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return {errno, "fsconfig", type};
  }
  root = FileDescriptor(static_cast<int>(syscall(SYS_fsmount, context.number(), FSMOUNT_CLOEXEC, 0)));
  if (!root.open()) return {errno, "fsmount", type};
  return {};
}

}  // namespace kernel
