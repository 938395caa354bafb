// Messages from the kernel as JavaScript objects.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <span>

namespace addon {

// What is told of a message besides { message, flags, body }.
struct MessagesOptions {
  bool sequence = false;   // `type` and `sequence`
  bool operation = false;  // `operation`: its sequence number counted from `first`
  uint32_t first = 0;
};

// An array with an object for each message of `bytes`. A message of no known type is called 'unknown', the frame of a
// transaction 'batch.begin' and 'batch.end'; the body of these is { type, payload }.
napi_value decode_messages(napi_env env, std::span<const uint8_t> bytes, const MessagesOptions& options);

}  // namespace addon
