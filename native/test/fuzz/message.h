// How a fuzz target reads its input: the first byte chooses the message's type, the rest is the message.
#pragma once

#include "codec/tree.h"
#include "test/messages.h"

namespace netlink::test {

struct FuzzMessage {
  const MessageType& type;
  Bytes bytes;
};

inline FuzzMessage fuzz_message(const uint8_t* data, size_t size) {
  static const std::vector<const MessageType*> messages = all_messages();
  if (size == 0) return {*messages[0], {}};
  return {*messages[data[0] % messages.size()], Bytes(data + 1, size - 1)};
}

}  // namespace netlink::test
