// Waiting, with an end to it.
#pragma once

namespace client {

// Milliseconds of a clock that only goes forward.
long NowMs();

// A pause before something is tried anew: short at first, never long.
class Pause {
 public:
  void Take();

 private:
  long milliseconds_ = 1;
};

}  // namespace client
