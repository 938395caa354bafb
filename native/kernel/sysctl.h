// Sysctls below /proc/sys, seen from inside a network namespace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/failure.h"
#include "kernel/namespace_visit.h"

namespace kernel {

struct Sysctl {
  std::string name;   // "net.ipv4.ip_forward" or "net/ipv4/conf/eth1.100/rp_filter", read as sysctl(8) reads it
  std::string value;  // without the final newline
};

struct SysctlFailure {
  size_t index = 0;  // which one of the list
  Failure failure;
};

// The file of a name, below the root of a proc file system. As in sysctl(8) the first separator decides: when it is
// '.', then '.' separates and '/' stands for a dot inside a component; when it is '/', the name is a path. Empty when a
// component is empty, '.' or '..'.
std::string sysctl_path(std::string_view name);

// Writes all of them in one visit to the namespace. One that fails does not stop the others: a kernel without IPv6 has
// no net.ipv6. Returns what kept the whole visit from happening.
Failure write_sysctls(const NamespaceReference& where, const std::vector<Sysctl>& sysctls,
                      std::vector<SysctlFailure>& failures, Thread& thread);

// Reads one, without its final newline.
Failure read_sysctl(const NamespaceReference& where, std::string_view name, std::string& value, Thread& thread);

}  // namespace kernel
