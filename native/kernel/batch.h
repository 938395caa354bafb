// Many requests in one send.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "kernel/acknowledgement.h"
#include "kernel/netlink_socket.h"

namespace kernel {

struct Batch {
  // The encoded messages with consecutive sequence numbers. NLM_F_ACK is set on the last request and nowhere else:
  // every failing message is reported anyhow, and acknowledgements nobody waits for overflow the receive buffer.
  Bytes bytes;
  uint32_t first = 0;  // sequence number of the first request
  uint32_t last = 0;   // of the last request, the one with NLM_F_ACK
  // The requests lie between NFNL_MSG_BATCH_BEGIN (sequence first - 1) and NFNL_MSG_BATCH_END (last + 1): all or
  // nothing. Without it each request stands for itself, and one that fails does not stop those after it.
  bool transaction = false;
  std::chrono::milliseconds timeout{0};
};

struct BatchOutcome {
  Failure failure;                      // transport: nothing sensible can be said about single requests
  std::vector<Acknowledgement> errors;  // in the kernel's order; of a transaction also the frame's own
  std::vector<uint8_t> replies;         // whole messages: echoes (NLM_F_ECHO) and answers to GET requests
  bool overrun = false;                 // some of what the kernel wanted to say is lost
  // Whether the requests were carried out cannot be told: read back. A transaction with an error is known to have
  // failed.
  bool unknown = false;
  uint64_t nanoseconds = 0;  // from before the send until the last reply was read
};

BatchOutcome run_batch(NetlinkSocket& socket, const Batch& batch, WorkerContext& worker);

}  // namespace kernel
