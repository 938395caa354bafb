// Every message the codec knows.
#pragma once

#include <vector>

#include "codec/schema.h"

namespace netlink::test {

inline std::vector<const MessageType*> all_messages() {
  std::vector<const MessageType*> messages;
  for (uint32_t number = 0; number <= UINT16_MAX; number++) {
    const MessageType* message = message_type(static_cast<uint16_t>(number));
    if (message != nullptr) messages.push_back(message);
  }
  // The frame of a batch shares its numbers with links, so a number does not lead to it.
  for (const char* name : {"nft.batch.begin", "nft.batch.end"})
    messages.push_back(message_type(std::string_view(name)));
  return messages;
}

}  // namespace netlink::test
