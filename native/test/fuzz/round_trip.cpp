// Decode, encode, decode, encode: nothing is lost.
#include "test/round_trip.h"

#include <cstdio>
#include <cstdlib>

#include "test/fuzz/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [type, bytes] = netlink::test::fuzz_message(data, size);
  const std::string problem = netlink::test::round_trip_problem(type, bytes);
  if (problem.empty()) return 0;
  std::fprintf(stderr, "%s: %s\n", type.name, problem.c_str());
  std::abort();
}
