#include "addon/values.h"

#include <climits>
#include <cmath>
#include <cstdio>

#include "kernel/network_namespace.h"

namespace addon {

napi_value text(napi_env env, std::string_view value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value undefined(napi_env env) {
  napi_value result = nullptr;
  napi_get_undefined(env, &result);
  return result;
}

napi_value object(napi_env env) {
  napi_value result = nullptr;
  napi_create_object(env, &result);
  return result;
}

napi_value list(napi_env env, size_t length) {
  napi_value result = nullptr;
  napi_create_array_with_length(env, length, &result);
  return result;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

bool is_absent(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  if (value == nullptr || napi_typeof(env, value, &type) != napi_ok) return true;
  return type == napi_undefined || type == napi_null;
}

napi_value member(napi_env env, napi_value object, const char* name) {
  napi_value result = nullptr;
  if (is_absent(env, object) || napi_get_named_property(env, object, name, &result) != napi_ok) return nullptr;
  return is_absent(env, result) ? nullptr : result;
}

bool read_text(napi_env env, napi_value value, std::string& result) {
  size_t length = 0;
  if (value == nullptr || napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  result.resize(length);
  // One more than the text: Node writes a final NUL, which std::string keeps room for.
  return napi_get_value_string_utf8(env, value, result.data(), length + 1, &length) == napi_ok;
}

bool read_integer(napi_env env, napi_value value, int64_t least, int64_t most, int64_t& result) {
  double number = 0;
  if (value == nullptr || napi_get_value_double(env, value, &number) != napi_ok) return false;
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most))) return false;
  if (std::trunc(number) != number) return false;
  result = static_cast<int64_t>(number);
  return true;
}

bool read_boolean(napi_env env, napi_value value, bool& result) {
  return value != nullptr && napi_get_value_bool(env, value, &result) == napi_ok;
}

bool read_hardware_address(const std::string& text, kernel::HardwareAddress& address) {
  int length = 0;
  return text.size() == 17 &&
         std::sscanf(text.c_str(), "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &address[0], &address[1], &address[2],
                     &address[3], &address[4], &address[5], &length) == 6 &&
         length == 17;
}

bool read_namespace(napi_env env, napi_value value, kernel::NamespaceReference& result) {
  if (is_absent(env, value)) return true;
  int64_t descriptor = 0;
  if (read_integer(env, value, 0, INT_MAX, descriptor)) {
    result.descriptor = static_cast<int>(descriptor);
    return true;
  }
  std::string name;
  if (!read_text(env, value, name)) return false;
  if (name.find('\0') != std::string::npos) return false;
  result.path = name.find('/') != std::string::npos ? name : kernel::namespace_path(name);
  return !result.path.empty();
}

}  // namespace addon
