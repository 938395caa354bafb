// Moving all the bytes: partial transfers, EINTR and descriptors that somebody else made non-blocking.
#pragma once

#include <stddef.h>
#include <sys/types.h>

namespace client {

// Writes everything, to a file, pipe or socket. False with errno set when that is impossible.
bool WriteAll(int descriptor, const void* bytes, size_t length);

// Reads once: the number of bytes, 0 at the end, -1 with errno set.
ssize_t ReadSome(int descriptor, void* bytes, size_t length);

}  // namespace client
