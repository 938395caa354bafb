// JavaScript values made from and read into those of C++. Readers say false, without an exception of their own, when
// the value is of another type.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/hardware_address.h"
#include "kernel/namespace_visit.h"

namespace addon {

napi_value text(napi_env env, std::string_view value);
napi_value number(napi_env env, double value);
napi_value boolean(napi_env env, bool value);
napi_value undefined(napi_env env);
napi_value object(napi_env env);
napi_value list(napi_env env, size_t length);
void set(napi_env env, napi_value object, const char* name, napi_value value);

bool is_absent(napi_env env, napi_value value);
// null when the object has none, or is none.
napi_value member(napi_env env, napi_value object, const char* name);
bool read_text(napi_env env, napi_value value, std::string& result);
// An integer from `least` to `most`.
bool read_integer(napi_env env, napi_value value, int64_t least, int64_t most, int64_t& result);
bool read_boolean(napi_env env, napi_value value, bool& result);
// "02:00:00:00:00:01"
bool read_hardware_address(const std::string& text, kernel::HardwareAddress& address);

// undefined or null: the process's own namespace. A string with '/': the path of a namespace file; another string: a
// name in /run/netns. A number: an open descriptor.
bool read_namespace(napi_env env, napi_value value, kernel::NamespaceReference& result);

}  // namespace addon
