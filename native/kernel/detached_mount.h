// A file system that is mounted nowhere: only who has the descriptor sees it.
#pragma once

#include "kernel/failure.h"
#include "kernel/file_descriptor.h"

namespace kernel {

// A new instance of a file system without a device ("proc", "sysfs"); `root` is its root directory.
Failure mount_detached(const char* type, FileDescriptor& root);

}  // namespace kernel
