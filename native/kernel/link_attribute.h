// Attributes of network devices below /sys/class/net, seen from inside a network namespace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/failure.h"
#include "kernel/namespace_visit.h"

namespace kernel {

struct LinkAttribute {
  std::string link;   // "br-production"
  std::string name;   // "queues/rx-0/rps_cpus"
  std::string value;  // without the final newline
};

struct LinkAttributeFailure {
  size_t index = 0;  // which one of the list
  Failure failure;
};

// Writes all of them in one visit to the namespace. One that fails does not stop the others. Returns what kept the
// whole visit from happening.
Failure write_link_attributes(const NamespaceReference& where, const std::vector<LinkAttribute>& attributes,
                              std::vector<LinkAttributeFailure>& failures, Thread& thread);

// Reads one, without its final newline.
Failure read_link_attribute(const NamespaceReference& where, std::string_view link, std::string_view name,
                            std::string& value, Thread& thread);

}  // namespace kernel
