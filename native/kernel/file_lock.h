// Whole-file locks between processes (flock(2)).
#pragma once

#include "kernel/failure.h"

namespace kernel {

// Takes the exclusive lock of an open file if it is free. It is held until the last descriptor of that opening is
// closed. `locked` is false when somebody else has it; that is no failure.
Failure try_lock(int descriptor, bool& locked);

}  // namespace kernel
