// Work that JavaScript asked for: done on a worker thread, answered on the thread of its environment.
#pragma once

#include <node_api.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "kernel/task.h"

namespace addon {

class Environment;

class Request : public kernel::Task, public std::enable_shared_from_this<Request> {
 public:
  explicit Request(std::shared_ptr<Environment> environment) : environment_(std::move(environment)) {}

  kernel::Thread run(kernel::WorkerContext& worker) final;

 protected:
  // On a worker thread; no Node-API here.
  virtual kernel::Thread work(kernel::WorkerContext& worker) = 0;
  // On the environment's thread: the value of the answer, or with `failed` set the error to reject with.
  virtual napi_value answer(napi_env env, bool& failed) = 0;
  // On the environment's thread, when the request could not be given to a worker.
  virtual napi_value refuse(napi_env env);

 private:
  friend class Environment;
  enum class Progress : uint8_t {
    awaited,  // the thread that asked looks on: it takes the answer itself
    posted,   // it has gone on: the answer goes through the queue of the environment
    done,
  };
  std::shared_ptr<Environment> environment_;
  std::atomic<Progress> progress_{Progress::posted};
  napi_deferred deferred_ = nullptr;
};

}  // namespace addon
