#include "kernel/sysctl.h"

#include <algorithm>
#include <cerrno>

#include "kernel/line_file.h"
#include "kernel/own_proc.h"
#include "kernel/plain_path.h"

namespace kernel {

namespace {

// A failure is about the file that everybody knows.
Failure below_proc(Failure failure) {
  if (failure) failure.subject.insert(0, "/proc/");
  return failure;
}

// The namespace is that of the thread which opens the file.
Failure write_one(int proc, const Sysctl& sysctl) {
  const std::string path = sysctl_path(sysctl.name);
  if (path.empty()) return {EINVAL, "open", sysctl.name};
  return below_proc(write_line(proc, path, sysctl.value));
}

Failure read_one(int proc, std::string_view name, std::string& value) {
  const std::string path = sysctl_path(name);
  if (path.empty()) return {EINVAL, "open", std::string(name)};
  return below_proc(read_line(proc, path, value));
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
  return "sys/" + path;
}

Failure write_sysctls(const NamespaceReference& where, const std::vector<Sysctl>& sysctls,
                      std::vector<SysctlFailure>& failures, Thread& thread) {
  SharedDescriptor proc;
  if (Failure failure = own_proc(where, proc)) return failure;
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  for (size_t index = 0; index < sysctls.size(); ++index) {
    if (Failure failure = write_one(proc->number(), sysctls[index])) failures.push_back({index, failure});
  }
  thread = visit.leave();
  return {};
}

Failure read_sysctl(const NamespaceReference& where, std::string_view name, std::string& value, Thread& thread) {
  SharedDescriptor proc;
  if (Failure failure = own_proc(where, proc)) return failure;
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  Failure failure = read_one(proc->number(), name, value);
  thread = visit.leave();
  return failure;
}

}  // namespace kernel
