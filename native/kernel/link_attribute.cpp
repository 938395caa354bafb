#include "kernel/link_attribute.h"

#include <cerrno>

#include "kernel/detached_mount.h"
#include "kernel/line_file.h"
#include "kernel/plain_path.h"

namespace kernel {

namespace {

// A sysfs mounted nowhere, of the namespace the thread is in: what is at /sys shows the links of the namespace it was
// mounted in. What is opened below it afterwards is of that namespace, too.
Failure visit_sysfs(const NamespaceReference& where, FileDescriptor& root, Thread& thread) {
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  Failure failure = mount_detached("sysfs", root);
  thread = visit.leave();
  return failure;
}

// Empty when a link's name has a '/' or a component leads elsewhere.
std::string attribute_path(std::string_view link, std::string_view name) {
  if (link.find('/') != std::string_view::npos || !plain_path(link) || !plain_path(name)) return {};
  return "class/net/" + std::string(link) + '/' + std::string(name);
}

}  // namespace

Failure write_link_attributes(const NamespaceReference& where, const std::vector<LinkAttribute>& attributes,
                              std::vector<LinkAttributeFailure>& failures, Thread& thread) {
  FileDescriptor root;
  if (Failure failure = visit_sysfs(where, root, thread)) return failure;
  for (size_t index = 0; index < attributes.size(); ++index) {
    const LinkAttribute& attribute = attributes[index];
    const std::string path = attribute_path(attribute.link, attribute.name);
    const Failure written =
        path.empty() ? Failure{EINVAL, "open", attribute.name} : write_line(root.number(), path, attribute.value);
    if (written) failures.push_back({index, written});
  }
  return {};
}

Failure read_link_attribute(const NamespaceReference& where, std::string_view link, std::string_view name,
                            std::string& value, Thread& thread) {
  const std::string path = attribute_path(link, name);
  if (path.empty()) return {EINVAL, "open", std::string(name)};
  FileDescriptor root;
  if (Failure failure = visit_sysfs(where, root, thread)) return failure;
  return read_line(root.number(), path, value);
}

}  // namespace kernel
