#include "test/check.h"

#include <cstdio>
#include <vector>

namespace netlink::test {
namespace {

struct Case {
  const char* name;
  void (*body)();
};

// Inside a function: registrations of other files run before this file's variables exist.
std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

int passed = 0;
int failed = 0;
bool running_failed = false;
std::string running_name;

}  // namespace

Registration::Registration(const char* name, void (*body)()) { cases().push_back({name, body}); }

void report(const char* file, int line, const std::string& problem) {
  running_failed = true;
  std::printf("%s: %s:%d: %s\n", running_name.c_str(), file, line, problem.c_str());
}

void run_case(const std::string& name, const std::function<void()>& body) {
  // A case that comes from data runs inside the registered case that reads the data.
  const bool outer_failed = running_failed;
  const std::string outer_name = running_name;
  running_failed = false;
  running_name = name;
  body();
  ++(running_failed ? failed : passed);
  running_failed = outer_failed;
  running_name = outer_name;
}

int run_registered(const std::string& filter) {
  for (const Case& test : cases()) {
    if (std::string(test.name).find(filter) != std::string::npos) run_case(test.name, test.body);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed;
}

}  // namespace netlink::test
