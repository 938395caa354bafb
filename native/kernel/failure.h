// Why a system call did not do what was asked.
#pragma once

#include <string>
#include <utility>

namespace kernel {

struct Failure {
  int error = 0;          // errno, positive; 0 = no failure
  const char* call = "";  // the system call, e.g. "mount"
  std::string subject;    // what it was done to: a path, a namespace; may be empty

  Failure() = default;
  Failure(int number, const char* name, std::string on = {}) : error(number), call(name), subject(std::move(on)) {}
  explicit operator bool() const { return error != 0; }
};

}  // namespace kernel
