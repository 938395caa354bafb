#include "kernel/line_file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "kernel/file_descriptor.h"

namespace kernel {

Failure write_line(int directory, const std::string& path, const std::string& value) {
  const FileDescriptor file(openat(directory, path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) return {errno, "open", path};
  const std::string line = value + '\n';
  // One write: the kernel takes a value whole or not at all.
  if (write(file.number(), line.data(), line.size()) < 0) return {errno, "write", path};
  return {};
}

Failure read_line(int directory, const std::string& path, std::string& value) {
  const FileDescriptor file(openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return {errno, "open", path};
  value.clear();
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = read(file.number(), part.data(), part.size());
    if (size < 0) return {errno, "read", path};
    if (size == 0) break;
    value.append(part.data(), static_cast<size_t>(size));
  }
  if (!value.empty() && value.back() == '\n') value.pop_back();
  return {};
}

}  // namespace kernel
