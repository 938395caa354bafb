// JavaScript errors for what went wrong below.
#pragma once

#include <node_api.h>

#include <string>

#include "codec/encode.h"
#include "kernel/failure.h"

namespace addon {

// The name of an errno, e.g. "EEXIST"; "E<number>" for one without a name.
std::string error_code(int error);

// An Error like Node's own for system calls: message "EEXIST: File exists, open '/run/netns/x'", members code, errno
// (positive), syscall, and path when there is a subject.
napi_value system_error(napi_env env, const kernel::Failure& failure);

// An Error for a value that cannot be encoded: members code 'ERR_NETLINK_ENCODE', operation (its index), path, problem.
napi_value encode_error(napi_env env, size_t operation, const netlink::EncodeError& error);

// A TypeError with code 'ERR_INVALID_ARG_TYPE', left pending.
void throw_type_error(napi_env env, const char* message);

}  // namespace addon
