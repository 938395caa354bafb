// The list of operations that JavaScript hands over, as the bytes of one send.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <vector>

#include "codec/buffer.h"
#include "codec/schema.h"

namespace addon {

struct OperationsOptions {
  bool transaction = false;     // between NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END
  bool has_generation = false;  // the transaction is refused (ERESTART) unless the rule set is still of this generation
  uint32_t generation = 0;
  uint16_t flags = 0;       // NLM_F_* for every operation, besides its own
  bool acknowledge = true;  // NLM_F_ACK on the last one
};

// Where an operation lies in the encoded bytes, for naming what an error points at.
struct Operation {
  const netlink::MessageType* type = nullptr;
  uint32_t offset = 0;
};

struct Operations {
  netlink::Buffer buffer;
  std::vector<Operation> list;
  uint32_t first = 0;  // sequence number of the first operation; they go on from there
  uint32_t last = 0;

  // The bytes of operation `index`, with its nlmsghdr.
  std::span<const uint8_t> message(size_t index) const;
};

// Encodes { message, flags, body } objects. `sequence` is the first number to use and is moved past the last one used.
// False, with an exception pending, when the list or one of its values is not as it should be.
bool encode_operations(napi_env env, napi_value operations, const OperationsOptions& options, uint32_t& sequence,
                       Operations& result);

// One operation, without any frame.
bool encode_operation(napi_env env, napi_value operation, uint16_t flags, uint32_t& sequence, Operations& result);

// Takes bytes that are encoded already, with consecutive sequence numbers. `transaction` tells whether they are framed
// as one. False when they are no whole messages, or the frame lacks an end: the kernel would do nothing, and yet
// acknowledge the last message.
bool read_operations(std::span<const uint8_t> bytes, Operations& result, bool& transaction);

}  // namespace addon
