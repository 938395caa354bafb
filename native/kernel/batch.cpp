#include "kernel/batch.h"

#include <cerrno>

#include "kernel/message_walk.h"

namespace kernel {

namespace {

class BatchReader {
 public:
  BatchReader(const Batch& batch, BatchOutcome& outcome) : batch_(batch), outcome_(outcome) {}

  void read(Bytes datagram) {
    walk_messages(datagram, [this](const nlmsghdr& header, Bytes message) { take(header, message); });
  }
  // The last request is answered, and its answer is the last thing the kernel says.
  bool complete() const { return complete_; }
  // The frame itself was refused; then the requests may get no answer at all.
  bool refused() const { return refused_; }

 private:
  void take(const nlmsghdr& header, Bytes message) {
    // Serial number arithmetic: what an abandoned request still gets lies outside of the window.
    const uint32_t position = header.nlmsg_seq - (batch_.first - 1);
    const uint32_t count = batch_.last - batch_.first + 1;
    if (position > count + 1) return;
    if (header.nlmsg_type == NLMSG_NOOP || header.nlmsg_type == NLMSG_DONE) return;
    if (header.nlmsg_type != NLMSG_ERROR) {
      outcome_.replies.insert(outcome_.replies.end(), message.begin(), message.end());
      outcome_.replies.resize(NLMSG_ALIGN(outcome_.replies.size()));
      return;
    }
    Acknowledgement acknowledgement = read_acknowledgement(message);
    if (acknowledgement.error != 0) {
      if (batch_.transaction && (position == 0 || position == count + 1)) refused_ = true;
      outcome_.errors.push_back(std::move(acknowledgement));
    }
    if (header.nlmsg_seq == batch_.last) complete_ = true;
  }

  const Batch& batch_;
  BatchOutcome& outcome_;
  bool complete_ = false;
  bool refused_ = false;
};

}  // namespace

BatchOutcome run_batch(NetlinkSocket& socket, const Batch& batch, WorkerContext& worker) {
  BatchOutcome outcome;
  socket.drain(worker);
  socket.expect(batch.last - batch.first + 1);
  const auto start = Clock::now();
  const Deadline deadline(batch.timeout);
  outcome.failure = socket.send(batch.bytes);
  if (outcome.failure) return outcome;

  BatchReader reader(batch, outcome);
  while (!reader.complete()) {
    // The kernel has said everything before send() returned. So once something is lost or the frame is refused, the
    // last answer may never come: what is queued is read, without waiting.
    const bool wait = !outcome.overrun && !reader.refused();
    Bytes datagram;
    const int error = socket.receive(wait ? &deadline : nullptr, worker, datagram);
    if (error == 0) {
      reader.read(datagram);
    } else if (error == ENOBUFS || error == EMSGSIZE) {
      outcome.overrun = true;
    } else if (error == EAGAIN) {
      break;
    } else {
      outcome.failure = {error, "recvmsg"};
      socket.abandon();
      break;
    }
  }
  const bool failed = batch.transaction && !outcome.errors.empty();
  outcome.unknown = !reader.complete() && !failed;
  outcome.nanoseconds =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
  return outcome;
}

}  // namespace kernel
