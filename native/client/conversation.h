// One call: the request goes out, the reply's frames are copied to standard output and standard error.
#pragma once

#include "request.h"

namespace client {

struct Answer {
  enum class Kind {
    kExit,         // the daemon said how the command ended
    kNotTaken,     // the daemon went away before it had read the request: the command was not begun
    kNothing,      // ... after it had read it, without a word: the command may be done, half done or not begun
    kCutOff,       // ... in the middle of a reply
    kNotOurs,      // what came is not a reply
    kOutputFailed  // the command ended (exit_code), but its output could not be written
  };
  Kind kind;
  int exit_code = 1;
};

// Takes the descriptor over.
Answer Converse(int socket, const Request& request);

}  // namespace client
