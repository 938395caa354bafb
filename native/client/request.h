// The request of the wire format (docs/architecture.md): which program was called, where, how.
#pragma once

#include <stddef.h>

namespace client {

struct Request {
  const char* bytes;
  size_t length;
};

// Encodes this process's own call. The memory lives as long as the process. Fails (exit) when it does not fit the
// format.
Request EncodeRequest(int argc, char* const* argv);

}  // namespace client
