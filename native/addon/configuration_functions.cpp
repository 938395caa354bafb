#include "addon/environment.h"
#include "addon/functions.h"
#include "addon/values.h"

namespace addon {

namespace {

Napi::Value configure(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  Environment& environment = Environment::of(env);
  int64_t number = 0;
  if (read_integer(env, member(env, info[0], "threads"), 1, 64, number)) {
    environment.pool().set_threads(static_cast<size_t>(number));
  }
  if (read_integer(env, member(env, info[0], "workerSpin"), 0, 1000, number)) {
    environment.pool().set_spin(std::chrono::microseconds(number));
  }
  if (read_integer(env, member(env, info[0], "attention"), 0, 1000, number)) {
    environment.set_attention(std::chrono::microseconds(number));
  }
  return info.Env().Undefined();
}

}  // namespace

void export_configuration(Napi::Env env, Napi::Object exports) {
  exports.Set("configure", Napi::Function::New<configure>(env, "configure"));
}

}  // namespace addon
