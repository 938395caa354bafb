// What the kernel had against an operation, as a JavaScript object.
#pragma once

#include <node_api.h>

#include <span>

#include "codec/schema.h"
#include "kernel/acknowledgement.h"

namespace addon {

// Sets errno, code, text, attribute and missing on `target`.
//   type, message   the operation that was refused; null and empty when that is not known
void describe_acknowledgement(napi_env env, napi_value target, const kernel::Acknowledgement& acknowledgement,
                              const netlink::MessageType* type, std::span<const uint8_t> message);

}  // namespace addon
