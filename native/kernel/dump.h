// One request with NLM_F_DUMP, read to its end, consistent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernel/acknowledgement.h"
#include "kernel/netlink_socket.h"

namespace kernel {

struct Dump {
  Bytes request;          // one message with NLM_F_REQUEST | NLM_F_DUMP
  uint32_t sequence = 0;  // its number; the next one is used here too (for the generation of the rule set)
  std::chrono::milliseconds timeout{0};  // for all attempts together
};

struct DumpOutcome {
  Failure failure;                       // transport, or EINTR: interrupted dump_attempts times
  std::optional<Acknowledgement> error;  // what the kernel had against the request
  std::vector<uint8_t> messages;         // whole messages, without the final NLMSG_DONE
  uint32_t interruptions = 0;            // attempts that had to be repeated
};

// About half of all dumps under concurrent change are interrupted.
inline constexpr uint32_t dump_attempts = 10;

// Repeats the dump when something changed meanwhile: NLM_F_DUMP_INTR, and for nf_tables, whose dumps of set elements
// never carry that flag, a generation (nfgenmsg.res_id) that is not the same from the first message until after the
// last.
DumpOutcome run_dump(NetlinkSocket& socket, const Dump& dump, WorkerContext& worker);

}  // namespace kernel
