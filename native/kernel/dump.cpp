#include "kernel/dump.h"

#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/message_walk.h"

namespace kernel {

namespace {

constexpr uint16_t get_generation = NFNL_SUBSYS_NFTABLES << 8 | 16;  // NFT_MSG_GETGEN

// One attempt. Keeps reading until NLMSG_DONE whatever happens, so that the socket is free for the next request.
class Attempt {
 public:
  Attempt(const Dump& dump, bool tables, DumpOutcome& outcome) : dump_(dump), tables_(tables), outcome_(outcome) {}

  void read(Bytes datagram) {
    walk_messages(datagram, [this](const nlmsghdr& header, Bytes message) { take(header, message); });
  }
  void spoil() { whole_ = false; }
  bool complete() const { return complete_; }
  bool whole() const { return whole_; }
  // Whether there were messages that carry a generation, and which one.
  bool has_generation() const { return has_generation_; }
  uint16_t generation() const { return generation_; }

 private:
  void take(const nlmsghdr& header, Bytes message) {
    if (header.nlmsg_seq != dump_.sequence || complete_) return;
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) whole_ = false;
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) {
      complete_ = true;
      Acknowledgement acknowledgement = read_acknowledgement(message);
      if (acknowledgement.error != 0) outcome_.error = std::move(acknowledgement);
      return;
    }
    if (header.nlmsg_type == NLMSG_NOOP) return;
    if (tables_ && message.size() >= NLMSG_HDRLEN + sizeof(nfgenmsg)) {
      nfgenmsg fixed{};
      std::memcpy(&fixed, message.data() + NLMSG_HDRLEN, sizeof fixed);
      if (has_generation_ && generation_ != fixed.res_id) whole_ = false;
      has_generation_ = true;
      generation_ = fixed.res_id;
    }
    outcome_.messages.insert(outcome_.messages.end(), message.begin(), message.end());
    outcome_.messages.resize(NLMSG_ALIGN(outcome_.messages.size()));
  }

  const Dump& dump_;
  const bool tables_;
  DumpOutcome& outcome_;
  bool has_generation_ = false;
  uint16_t generation_ = 0;
  bool complete_ = false;
  bool whole_ = true;
};

// The low half of the rule set's generation as every nf_tables reply carries it (nft_base_seq()).
int read_generation(NetlinkSocket& socket, uint32_t sequence, const Deadline& deadline, WorkerContext& worker,
                    uint16_t& generation) {
  struct {
    nlmsghdr header;
    nfgenmsg fixed;
  } request{{sizeof request, get_generation, NLM_F_REQUEST, sequence, 0}, {AF_UNSPEC, NFNETLINK_V0, 0}};
  if (Failure failure = socket.send(Bytes(reinterpret_cast<const uint8_t*>(&request), sizeof request))) {
    return failure.error;
  }
  bool answered = false;
  while (!answered) {
    Bytes datagram;
    const int error = socket.receive(&deadline, worker, datagram);
    if (error != 0) return error;
    walk_messages(datagram, [&](const nlmsghdr& header, Bytes message) {
      if (header.nlmsg_seq != sequence) return;
      answered = true;
      if (header.nlmsg_type == NLMSG_ERROR || message.size() < sizeof request) return;
      nfgenmsg fixed{};
      std::memcpy(&fixed, message.data() + NLMSG_HDRLEN, sizeof fixed);
      generation = fixed.res_id;
    });
  }
  return 0;
}

}  // namespace

DumpOutcome run_dump(NetlinkSocket& socket, const Dump& dump, WorkerContext& worker) {
  DumpOutcome outcome;
  nlmsghdr request{};
  std::memcpy(&request, dump.request.data(), std::min(sizeof request, dump.request.size()));
  const bool tables = socket.protocol() == NETLINK_NETFILTER && request.nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES;
  const Deadline deadline(dump.timeout);
  socket.drain(worker);

  for (uint32_t attempts = 0; attempts < dump_attempts; ++attempts) {
    outcome.messages.clear();
    outcome.error.reset();
    outcome.failure = socket.send(dump.request);
    if (outcome.failure) return outcome;
    Attempt attempt(dump, tables, outcome);
    while (!attempt.complete()) {
      Bytes datagram;
      int error = socket.receive(&deadline, worker, datagram);
      if (error == 0) {
        attempt.read(datagram);
        // Reading needs no wait, so the waits alone would not notice.
        if (!attempt.complete() && worker.interrupt.raised()) error = ECANCELED;
        if (!attempt.complete() && deadline.passed()) error = ETIMEDOUT;
      } else if (error == ENOBUFS || error == EMSGSIZE) {
        attempt.spoil();
        error = 0;
      }
      if (error != 0) {
        outcome.failure = {error, "recvmsg"};
        socket.abandon();
        return outcome;
      }
    }
    if (outcome.error) return outcome;
    if (attempt.whole() && attempt.has_generation()) {
      uint16_t after = attempt.generation();
      if (const int error = read_generation(socket, dump.sequence + 1, deadline, worker, after)) {
        outcome.failure = {error, "recvmsg"};
        socket.abandon();
        return outcome;
      }
      if (after != attempt.generation()) attempt.spoil();
    }
    if (attempt.whole()) return outcome;
    ++outcome.interruptions;
  }
  outcome.failure = {EINTR, "recvmsg"};
  return outcome;
}

}  // namespace kernel
