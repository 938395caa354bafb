// Small files of /proc and /sys: each write and each value is one line.
#pragma once

#include <string>

#include "kernel/failure.h"

namespace kernel {

// `directory` is that of openat(2). A failure names `path`.
Failure write_line(int directory, const std::string& path, const std::string& value);

// Without the final newline.
Failure read_line(int directory, const std::string& path, std::string& value);

}  // namespace kernel
