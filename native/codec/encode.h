// Values to bytes, driven by a message's schema.
#pragma once

#include <cstdint>
#include <string>

#include "codec/buffer.h"
#include "codec/schema.h"
#include "codec/tree.h"

namespace netlink {

// Why a message could not be built: the member, in dotted form, and what is wrong with it.
struct EncodeError {
  std::string path;
  std::string problem;
};

// Appends one message to `buffer`.
//   type      the message
//   flags     NLM_F_* for the header; NLM_F_REQUEST is added
//   sequence  nlmsg_seq
//   body      object whose members are named as in the message's schema
// Returns false, with `error` filled and `buffer` as it was, when a value has the wrong type or does not fit.
bool encode_message(const MessageType& type, uint16_t flags, uint32_t sequence, const Source& source, Handle body,
                    Buffer& buffer, EncodeError& error);

}  // namespace netlink
