// The exported class NativeSocket: a netlink socket inside a network namespace. Its surface is documented in
// src/kernel/native.ts.
#pragma once

#include <napi.h>

#include <chrono>
#include <memory>

#include "addon/environment.h"
#include "addon/socket_link.h"

namespace addon {

class NativeSocket : public Napi::ObjectWrap<NativeSocket> {
 public:
  static Napi::Function define(Napi::Env env);
  // The object for an open socket.
  static napi_value create(napi_env env, const std::shared_ptr<SocketLink>& link);

  // Only called through `create`; a TypeError for everybody else.
  explicit NativeSocket(const Napi::CallbackInfo& info);
  ~NativeSocket() override;

 private:
  static Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value batch(const Napi::CallbackInfo& info);
  Napi::Value get(const Napi::CallbackInfo& info);
  Napi::Value transmit(const Napi::CallbackInfo& info);
  Napi::Value dump(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value identity(const Napi::CallbackInfo& info);
  Napi::Value closed(const Napi::CallbackInfo& info);

  napi_value submit(const std::shared_ptr<Request>& request, Patience& patience, size_t size);

  std::shared_ptr<Environment> environment_;
  std::shared_ptr<SocketLink> link_;
  uint32_t sequence_ = 1;
  bool closed_ = false;
};

}  // namespace addon
