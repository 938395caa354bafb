#include <cstring>

#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/javascript_tree.h"
#include "addon/messages.h"
#include "addon/operations.h"
#include "addon/values.h"

namespace addon {

namespace {

Napi::Value encode(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  napi_value options = info[1];
  OperationsOptions frame;
  bool echo = false;
  int64_t sequence = 1;
  read_boolean(env, member(env, options, "nftables"), frame.transaction);
  read_boolean(env, member(env, options, "echo"), echo);
  frame.acknowledge = true;
  read_boolean(env, member(env, options, "acknowledge"), frame.acknowledge);
  if (echo) frame.flags = NLM_F_ECHO;
  int64_t generation = 0;
  if (read_integer(env, member(env, options, "generation"), 0, UINT32_MAX, generation)) {
    frame.has_generation = true;
    frame.generation = static_cast<uint32_t>(generation);
  }
  read_integer(env, member(env, options, "sequence"), 0, UINT32_MAX, sequence);
  auto next = static_cast<uint32_t>(sequence);
  Operations operations;
  if (!encode_operations(env, info[0], frame, next, operations)) return {};
  const netlink::Handle bytes = JavaScriptSink(env).bytes(operations.buffer.span());
  return {env, const_cast<napi_value>(static_cast<const napi_value__*>(bytes))};
}

Napi::Value decode(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (napi_get_typedarray_info(env, info[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    throw_type_error(env, "bytes: expected a Uint8Array");
    return {};
  }
  return {env, decode_messages(env, {static_cast<const uint8_t*>(data), length}, {.sequence = true})};
}

}  // namespace

void export_codec(Napi::Env env, Napi::Object exports) {
  exports.Set("encode", Napi::Function::New<encode>(env, "encode"));
  exports.Set("decode", Napi::Function::New<decode>(env, "decode"));
}

}  // namespace addon
