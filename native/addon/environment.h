// What the addon keeps for one JavaScript environment (the main thread, or one worker_threads worker): its worker
// threads and the way back from them. Nothing is shared between environments.
#pragma once

#include <node_api.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "addon/request.h"
#include "kernel/deadline.h"
#include "kernel/worker_pool.h"

namespace addon {

class Environment : public std::enable_shared_from_this<Environment> {
 public:
  // How long the JavaScript thread looks on while a small request is carried out.
  //
  // The way back from a worker to a sleeping event loop costs several times what a small transaction takes. Looking on
  // for this long answers it in the same turn of the event loop.
  static constexpr std::chrono::nanoseconds default_attention = std::chrono::microseconds(40);
  static constexpr std::chrono::nanoseconds warm_time = std::chrono::microseconds(300);
  static constexpr std::chrono::nanoseconds longest_turn = std::chrono::milliseconds(5);

  // Makes the instance data of `env` and the hook that ends it; null when Node refuses, with an exception pending.
  static Environment* create(napi_env env);
  static Environment& of(napi_env env);

  explicit Environment(napi_env env);

  // Gives the request to the workers. Returns its answer when that came within `attention`, else a promise of it; a
  // failed one is a rejected promise either way. `at_once` tells which of the two it was.
  napi_value submit(const std::shared_ptr<Request>& request, const std::shared_ptr<kernel::Strand>& strand,
                    std::chrono::nanoseconds attention = {}, bool* at_once = nullptr);
  // The same where nothing has to come in order.
  napi_value submit(const std::shared_ptr<Request>& request);

  // From a worker: the request is done, and nobody looks on.
  void deliver(std::shared_ptr<Request> request);

  // A promise that is rejected with `error` already.
  static napi_value reject(napi_env env, napi_value error);

  kernel::WorkerPool& pool() { return pool_; }
  std::chrono::nanoseconds attention() const { return attention_; }
  // Whether looking on may pay. Not when the last answer is long ago: a worker that has slept for a while lies on a
  // processor that sleeps too, and waking both takes longer than anybody should look on. And not when the event loop
  // has not turned for long: answers at once would keep everybody else waiting.
  bool may_look_on() const {
    const auto now = kernel::Clock::now();
    return attention_.count() > 0 && now - answered_ < warm_time && now - turned_ < longest_turn;
  }
  // The constructor of NativeSocket.
  void set_socket_class(napi_ref constructor) { socket_class_ = constructor; }
  napi_ref socket_class() const { return socket_class_; }
  void set_attention(std::chrono::nanoseconds attention) { attention_ = attention; }

 private:
  static void end(void* environment);
  static void called(napi_env env, napi_value function, void* environment, void* data);
  void settle();

  napi_env env_;
  kernel::WorkerPool pool_;
  std::chrono::nanoseconds attention_;
  napi_threadsafe_function notifier_ = nullptr;
  kernel::Clock::time_point answered_{};  // when the last answer was given
  kernel::Clock::time_point turned_{};    // when the event loop last came to us
  napi_ref socket_class_ = nullptr;
  size_t outstanding_ = 0;  // promises not settled: they keep the event loop alive

  std::mutex mutex_;
  std::vector<std::shared_ptr<Request>> completed_;  // guarded by mutex_
};

}  // namespace addon
