// The module's entry: what it exports to each environment that loads it.
#include <napi.h>

#include "addon/environment.h"
#include "addon/functions.h"
#include "addon/native_socket.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  if (addon::Environment::create(env) == nullptr) {
    Napi::Error::New(env, "cloudstack-netns: the environment refuses the addon").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("NativeSocket", addon::NativeSocket::define(env));
  addon::export_codec(env, exports);
  addon::export_namespaces(env, exports);
  addon::export_sysctls(env, exports);
  addon::export_link_attributes(env, exports);
  addon::export_short_cuts(env, exports);
  addon::export_announcements(env, exports);
  addon::export_descriptors(env, exports);
  addon::export_files(env, exports);
  addon::export_rows(env, exports);
  addon::export_configuration(env, exports);
  addon::export_memory(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialize)
