// NativeSocket.batch, get and transmit: operations in one send.
#pragma once

#include <chrono>
#include <memory>

#include "addon/operations.h"
#include "addon/request.h"
#include "addon/socket_link.h"
#include "kernel/batch.h"

namespace addon {

class BatchRequest : public Request {
 public:
  BatchRequest(std::shared_ptr<Environment> environment, std::shared_ptr<SocketLink> link, bool transaction,
               std::chrono::milliseconds timeout)
      : Request(std::move(environment)), link_(std::move(link)), transaction_(transaction), timeout_(timeout) {}

  // To be filled before the request is submitted.
  Operations& operations() { return operations_; }
  // The answer to an empty list's result: done without asking anybody.
  napi_value nothing(napi_env env);

 protected:
  kernel::Thread work(kernel::WorkerContext& worker) override;
  napi_value answer(napi_env env, bool& failed) override;

 private:
  napi_value result(napi_env env) const;
  napi_value describe(napi_env env, const kernel::Acknowledgement& error) const;

  std::shared_ptr<SocketLink> link_;
  Operations operations_;
  const bool transaction_;
  const std::chrono::milliseconds timeout_;
  kernel::BatchOutcome outcome_;
};

}  // namespace addon
