#include "addon/javascript_tree.h"

#include <cmath>
#include <cstring>

namespace addon {

using netlink::Bytes;
using netlink::Handle;

namespace {

napi_value local(Handle handle) { return const_cast<napi_value>(static_cast<const napi_value__*>(handle)); }

// Number.MAX_SAFE_INTEGER
constexpr uint64_t largest_number = (uint64_t{1} << 53) - 1;

size_t item_size(napi_typedarray_type type) {
  switch (type) {
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 1;
  }
}

}  // namespace

netlink::Source::Type JavaScriptSource::type(Handle value) const {
  if (value == nullptr) return Type::absent;
  napi_valuetype kind = napi_undefined;
  if (napi_typeof(env_, local(value), &kind) != napi_ok) return Type::absent;
  switch (kind) {
    case napi_undefined:
    case napi_null:
      return Type::absent;
    case napi_boolean:
      return Type::boolean;
    case napi_number:
    case napi_bigint:
      return Type::number;
    case napi_string:
      return Type::text;
    case napi_object: {
      bool is = false;
      if (napi_is_array(env_, local(value), &is) == napi_ok && is) return Type::list;
      if (napi_is_typedarray(env_, local(value), &is) == napi_ok && is) return Type::bytes;
      if (napi_is_dataview(env_, local(value), &is) == napi_ok && is) return Type::bytes;
      return Type::object;
    }
    default:
      return Type::other;
  }
}

bool JavaScriptSource::boolean(Handle value) const {
  bool result = false;
  if (value != nullptr) napi_get_value_bool(env_, local(value), &result);
  return result;
}

bool JavaScriptSource::integer(Handle value, uint64_t& result, bool& negative) const {
  if (value == nullptr) return false;
  double number = 0;
  if (napi_get_value_double(env_, local(value), &number) == napi_ok) {
    // Beyond 2^53 a number no longer says which integer is meant: a BigInt has to.
    if (!(std::fabs(number) <= static_cast<double>(largest_number)) || std::trunc(number) != number) return false;
    negative = number < 0;
    result = static_cast<uint64_t>(static_cast<int64_t>(number));
    return true;
  }
  bool lossless = false;
  if (napi_get_value_bigint_uint64(env_, local(value), &result, &lossless) != napi_ok) return false;
  negative = false;
  if (lossless) return true;
  int64_t number64 = 0;
  if (napi_get_value_bigint_int64(env_, local(value), &number64, &lossless) != napi_ok || !lossless) return false;
  negative = number64 < 0;
  result = static_cast<uint64_t>(number64);
  return true;
}

std::string_view JavaScriptSource::text(Handle value, std::span<char> buffer) const {
  size_t length = 0;
  if (value == nullptr || buffer.empty()) return {};
  if (napi_get_value_string_utf8(env_, local(value), buffer.data(), buffer.size(), &length) != napi_ok) return {};
  // Copies whole characters only, up to 3 bytes short of the end: near it, ask for the true length.
  if (length + 4 >= buffer.size()) {
    size_t whole = 0;
    if (napi_get_value_string_utf8(env_, local(value), nullptr, 0, &whole) != napi_ok || whole > length) return {};
  }
  return {buffer.data(), length};
}

Bytes JavaScriptSource::bytes(Handle value) const {
  if (value == nullptr) return {};
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type kind = napi_uint8_array;
  if (napi_get_typedarray_info(env_, local(value), &kind, &length, &data, nullptr, nullptr) == napi_ok) {
    return {static_cast<const uint8_t*>(data), length * item_size(kind)};
  }
  if (napi_get_dataview_info(env_, local(value), &length, &data, nullptr, nullptr) == napi_ok) {
    return {static_cast<const uint8_t*>(data), length};
  }
  return {};
}

Handle JavaScriptSource::member(Handle object, const char* name) const {
  napi_value value = nullptr;
  if (object == nullptr || napi_get_named_property(env_, local(object), name, &value) != napi_ok) return nullptr;
  return value;
}

size_t JavaScriptSource::length(Handle list) const {
  uint32_t length = 0;
  if (list != nullptr) napi_get_array_length(env_, local(list), &length);
  return length;
}

Handle JavaScriptSource::item(Handle list, size_t index) const {
  napi_value value = nullptr;
  if (list == nullptr || napi_get_element(env_, local(list), static_cast<uint32_t>(index), &value) != napi_ok) {
    return nullptr;
  }
  return value;
}

Handle JavaScriptSink::boolean(bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env_, value, &result);
  return result;
}

Handle JavaScriptSink::integer(uint64_t value) {
  napi_value result = nullptr;
  if (value <= UINT32_MAX) {
    napi_create_uint32(env_, static_cast<uint32_t>(value), &result);
  } else if (value <= largest_number) {
    napi_create_double(env_, static_cast<double>(value), &result);
  } else {
    napi_create_bigint_uint64(env_, value, &result);
  }
  return result;
}

Handle JavaScriptSink::negative(int64_t value) {
  napi_value result = nullptr;
  if (value >= -static_cast<int64_t>(largest_number)) {
    napi_create_double(env_, static_cast<double>(value), &result);
  } else {
    napi_create_bigint_int64(env_, value, &result);
  }
  return result;
}

Handle JavaScriptSink::text(std::string_view value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env_, value.data(), value.size(), &result);
  return result;
}

Handle JavaScriptSink::bytes(Bytes value) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value result = nullptr;
  if (napi_create_arraybuffer(env_, value.size(), &data, &buffer) != napi_ok) return nullptr;
  if (!value.empty()) std::memcpy(data, value.data(), value.size());
  napi_create_typedarray(env_, napi_uint8_array, value.size(), buffer, 0, &result);
  return result;
}

Handle JavaScriptSink::object() {
  napi_value result = nullptr;
  napi_create_object(env_, &result);
  return result;
}

Handle JavaScriptSink::list() {
  napi_value result = nullptr;
  napi_create_array(env_, &result);
  return result;
}

void JavaScriptSink::set(Handle object, const char* name, Handle value) {
  if (object != nullptr && value != nullptr) napi_set_named_property(env_, local(object), name, local(value));
}

void JavaScriptSink::append(Handle list, Handle value) {
  uint32_t length = 0;
  if (list == nullptr || value == nullptr || napi_get_array_length(env_, local(list), &length) != napi_ok) return;
  napi_set_element(env_, local(list), length, local(value));
}

}  // namespace addon
