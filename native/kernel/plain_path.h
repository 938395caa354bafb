#pragma once

#include <algorithm>
#include <string_view>

namespace kernel {

// Whether a relative path leads only downwards: no component is empty, '.' or '..', and none ends early.
inline bool plain_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view component = path.substr(start, end - start);
    if (component.empty() || component == "." || component == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace kernel
