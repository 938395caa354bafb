// Whether it is worth looking on while a request is carried out.
#pragma once

#include <algorithm>
#include <cstdint>

namespace addon {

// Each time that was in vain doubles the number of requests that are not looked at, up to 31: a socket whose requests
// take long costs the JavaScript thread next to nothing, and one whose requests are short again is noticed again.
class Patience {
 public:
  bool worth() {
    if (skipped_ == 0) return true;
    --skipped_;
    return false;
  }
  void record(bool in_time) {
    in_vain_ = in_time ? 0 : std::min<uint32_t>(in_vain_ * 2 + 1, 31);
    skipped_ = in_vain_;
  }

 private:
  uint32_t in_vain_ = 0;
  uint32_t skipped_ = 0;
};

}  // namespace addon
