// NativeSocket.dump.
#pragma once

#include <chrono>
#include <memory>

#include "addon/operations.h"
#include "addon/request.h"
#include "addon/socket_link.h"
#include "kernel/dump.h"

namespace addon {

class DumpRequest : public Request {
 public:
  DumpRequest(std::shared_ptr<Environment> environment, std::shared_ptr<SocketLink> link,
              std::chrono::milliseconds timeout)
      : Request(std::move(environment)), link_(std::move(link)), timeout_(timeout) {}

  // To be filled before the request is submitted.
  Operations& operations() { return operations_; }

 protected:
  kernel::Thread work(kernel::WorkerContext& worker) override;
  napi_value answer(napi_env env, bool& failed) override;

 private:
  std::shared_ptr<SocketLink> link_;
  Operations operations_;
  const std::chrono::milliseconds timeout_;
  kernel::DumpOutcome outcome_;
};

}  // namespace addon
