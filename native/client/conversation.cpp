#include "conversation.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "transfer.h"

namespace client {
namespace {

enum FrameKind : unsigned char { kStdout = 1, kStderr = 2, kExit = 3 };

// Reads a reply piece by piece, so that output of any size needs no memory.
class Reply {
 public:
  explicit Reply(int socket) : socket_(socket) {}

  Answer Copy() {
    for (;;) {
      unsigned char header[kHeader];
      Answer::Kind trouble = Fetch(header, sizeof(header));
      if (trouble != Answer::Kind::kExit) return {trouble};
      uint32_t length = 0;
      memcpy(&length, header + 1, sizeof(length));

      if (header[0] == kExit) {
        unsigned char code = 0;
        if (length != 1) return {Answer::Kind::kNotOurs};
        trouble = Fetch(&code, 1);
        if (trouble != Answer::Kind::kExit) return {trouble};
        return {output_failed_ ? Answer::Kind::kOutputFailed : Answer::Kind::kExit, code};
      }
      if (header[0] != kStdout && header[0] != kStderr) return {Answer::Kind::kNotOurs};
      trouble = CopyBody(header[0] == kStdout ? STDOUT_FILENO : STDERR_FILENO, length);
      if (trouble != Answer::Kind::kExit) return {trouble};
    }
  }

 private:
  static constexpr size_t kHeader = 5;

  // Makes at least one byte available; kExit means "fine" here and below.
  Answer::Kind Fill() {
    if (next_ < end_) return Answer::Kind::kExit;
    ssize_t got = ReadSome(socket_, buffer_, sizeof(buffer_));
    if (got <= 0 && anything_) return Answer::Kind::kCutOff;
    // Linux resets a unix connection that is closed before it was accepted or with bytes unread; else it just ends.
    if (got < 0 && errno == ECONNRESET) return Answer::Kind::kNotTaken;
    if (got <= 0) return Answer::Kind::kNothing;
    anything_ = true;
    next_ = 0;
    end_ = static_cast<size_t>(got);
    return Answer::Kind::kExit;
  }

  size_t Take(size_t wanted, const char** bytes) {
    size_t there = end_ - next_;
    size_t taken = wanted < there ? wanted : there;
    *bytes = buffer_ + next_;
    next_ += taken;
    return taken;
  }

  Answer::Kind Fetch(unsigned char* out, size_t length) {
    while (length > 0) {
      Answer::Kind trouble = Fill();
      if (trouble != Answer::Kind::kExit) return trouble;
      const char* bytes = nullptr;
      size_t taken = Take(length, &bytes);
      memcpy(out, bytes, taken);
      out += taken;
      length -= taken;
    }
    return Answer::Kind::kExit;
  }

  Answer::Kind CopyBody(int descriptor, size_t length) {
    while (length > 0) {
      Answer::Kind trouble = Fill();
      if (trouble != Answer::Kind::kExit) return trouble;
      const char* bytes = nullptr;
      size_t taken = Take(length, &bytes);
      // Go on reading when nobody takes the output: the exit code still says whether the command worked.
      if (!WriteAll(descriptor, bytes, taken)) output_failed_ = true;
      length -= taken;
    }
    return Answer::Kind::kExit;
  }

  int socket_;
  bool anything_ = false;
  bool output_failed_ = false;
  size_t next_ = 0;
  size_t end_ = 0;
  char buffer_[64 * 1024];
};

}  // namespace

Answer Converse(int socket, const Request& request) {
  // A failed write is no verdict: a daemon that refuses a request may answer and close before it has read all of it.
  bool sent = WriteAll(socket, request.bytes, request.length);
  Answer answer = Reply(socket).Copy();
  if (!sent && answer.kind == Answer::Kind::kNothing) answer.kind = Answer::Kind::kNotTaken;
  close(socket);
  return answer;
}

}  // namespace client
