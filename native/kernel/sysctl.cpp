#include "kernel/sysctl.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "kernel/line_file.h"
#include "kernel/plain_path.h"

namespace kernel {

namespace {

Failure write_one(const Sysctl& sysctl) {
  const std::string path = sysctl_path(sysctl.name);
  if (path.empty()) return {EINVAL, "open", sysctl.name};
  // The namespace is that of the thread which opens the file.
  return write_line(AT_FDCWD, path, sysctl.value);
}

Failure read_one(std::string_view name, std::string& value) {
  const std::string path = sysctl_path(name);
  if (path.empty()) return {EINVAL, "open", std::string(name)};
  return read_line(AT_FDCWD, path, value);
}

}  // namespace

std::string sysctl_path(std::string_view name) {
  std::string path(name);
  const size_t first = path.find_first_of("./");
  if (first == std::string::npos) return {};
  if (path[first] == '.') {
    std::transform(path.begin(), path.end(), path.begin(), [](char letter) {
      return letter == '.' ? '/' : letter == '/' ? '.' : letter;
    });
  }
  if (!plain_path(path)) return {};
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
