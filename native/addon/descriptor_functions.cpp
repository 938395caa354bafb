#include <climits>

#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/values.h"
#include "kernel/file_lock.h"
#include "kernel/listener.h"
#include "kernel/peer_credentials.h"

namespace addon {

namespace {

bool read_descriptor(const Napi::CallbackInfo& info, int& descriptor) {
  int64_t number = 0;
  if (!read_integer(info.Env(), info[0], 0, INT_MAX, number)) {
    throw_type_error(info.Env(), "descriptor: expected a number");
    return false;
  }
  descriptor = static_cast<int>(number);
  return true;
}

Napi::Value try_lock(const Napi::CallbackInfo& info) {
  int descriptor = -1;
  bool locked = false;
  if (!read_descriptor(info, descriptor)) return {};
  if (kernel::Failure failure = kernel::try_lock(descriptor, locked)) {
    napi_throw(info.Env(), system_error(info.Env(), failure));
    return {};
  }
  return {info.Env(), boolean(info.Env(), locked)};
}

Napi::Value peer_credentials(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  int descriptor = -1;
  ucred credentials{};
  if (!read_descriptor(info, descriptor)) return {};
  if (kernel::Failure failure = kernel::read_peer_credentials(descriptor, credentials)) {
    napi_throw(env, system_error(env, failure));
    return {};
  }
  napi_value result = object(env);
  set(env, result, "pid", number(env, credentials.pid));
  set(env, result, "uid", number(env, credentials.uid));
  set(env, result, "gid", number(env, credentials.gid));
  return {env, result};
}

Napi::Value listen_inside(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    kernel::ListenAddress address;
    kernel::FileDescriptor listener;
  };
  const napi_env env = info.Env();
  State state;
  int64_t port = 0;
  int64_t backlog = state.address.backlog;
  napi_value options = info[1];
  napi_value wanted_backlog = member(env, options, "backlog");
  if (!read_namespace(env, info[0], state.where) ||
      !read_text(env, member(env, options, "address"), state.address.address) ||
      !read_integer(env, member(env, options, "port"), 0, UINT16_MAX, port) ||
      (wanted_backlog != nullptr && !read_integer(env, wanted_backlog, 0, INT_MAX, backlog))) {
    throw_type_error(env, "expected a namespace and { address, port, backlog? }");
    return {};
  }
  state.address.port = static_cast<uint16_t>(port);
  state.address.backlog = static_cast<int>(backlog);
  return {env, call<State>(
                   env, std::move(state),
                   [](State& opened, kernel::Thread& thread) {
                     return kernel::listen_inside(opened.where, opened.address, opened.listener, thread);
                   },
                   [](napi_env answered, State& opened) { return number(answered, opened.listener.release()); })};
}

}  // namespace

void export_descriptors(Napi::Env env, Napi::Object exports) {
  exports.Set("tryLock", Napi::Function::New<try_lock>(env, "tryLock"));
  exports.Set("peerCredentials", Napi::Function::New<peer_credentials>(env, "peerCredentials"));
  exports.Set("listen", Napi::Function::New<listen_inside>(env, "listen"));
}

}  // namespace addon
