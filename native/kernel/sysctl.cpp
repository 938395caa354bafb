#include "kernel/sysctl.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace kernel {

namespace {

Failure write_one(const Sysctl& sysctl) {
  const std::string path = sysctl_path(sysctl.name);
  if (path.empty()) return {EINVAL, "open", sysctl.name};
  // The namespace is that of the thread which opens the file.
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) return {errno, "open", path};
  const std::string line = sysctl.value + '\n';
  // One write: a sysctl takes its value whole or not at all.
  if (write(file.number(), line.data(), line.size()) < 0) return {errno, "write", path};
  return {};
}

Failure read_one(std::string_view name, std::string& value) {
  const std::string path = sysctl_path(name);
  if (path.empty()) return {EINVAL, "open", std::string(name)};
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
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

}  // namespace

std::string sysctl_path(std::string_view name) {
  std::string path(name);
  const size_t first = path.find_first_of("./");
  if (first == std::string::npos || path.find('\0') != std::string::npos) return {};
  if (path[first] == '.') {
    std::transform(path.begin(), path.end(), path.begin(), [](char letter) {
      return letter == '.' ? '/' : letter == '/' ? '.' : letter;
    });
  }
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view component = std::string_view(path).substr(start, end - start);
    if (component.empty() || component == "." || component == "..") return {};
    start = end + 1;
  }
  return "/proc/sys/" + path;
}

Failure write_sysctls(const NamespaceReference& where, const std::vector<Sysctl>& sysctls,
                      std::vector<SysctlFailure>& failures, Thread& thread) {
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  for (size_t index = 0; index < sysctls.size(); ++index) {
    if (Failure failure = write_one(sysctls[index])) failures.push_back({index, failure});
  }
  thread = visit.leave();
  return {};
}

Failure read_sysctl(const NamespaceReference& where, std::string_view name, std::string& value, Thread& thread) {
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  Failure failure = read_one(name, value);
  thread = visit.leave();
  return failure;
}

}  // namespace kernel
