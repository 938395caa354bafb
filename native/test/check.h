// The tests' own harness: cases, checks and a count of both. No library, so that nothing is fetched to build them.
#pragma once

#include <functional>
#include <sstream>
#include <string>

namespace netlink::test {

// Registers a case before main runs.
struct Registration {
  Registration(const char* name, void (*body)());
};

// Runs `body` as a case of its own; for cases that come from data.
void run_case(const std::string& name, const std::function<void()>& body);

// Runs the registered cases whose name contains `filter`; returns how many failed, the data's cases included.
int run_registered(const std::string& filter);

// Marks the running case as failed and says why.
void report(const char* file, int line, const std::string& problem);

template <typename Actual, typename Expected>
void check_equal(const char* file, int line, const char* text, const Actual& actual, const Expected& expected) {
  if (actual == expected) return;
  std::ostringstream problem;
  problem << text << "\n    is       " << actual << "\n    expected " << expected;
  report(file, line, problem.str());
}

}  // namespace netlink::test

#define TEST(name)                                                           \
  static void name();                                                        \
  static const netlink::test::Registration registration_##name{#name, name}; \
  static void name()

#define CHECK(condition) ((condition) ? void() : netlink::test::report(__FILE__, __LINE__, "not so: " #condition))
#define CHECK_EQUAL(actual, expected) netlink::test::check_equal(__FILE__, __LINE__, #actual, (actual), (expected))
