// A plain function done by a worker: arguments and results in one state, which is handed over and back.
#pragma once

#include <memory>
#include <utility>

#include "addon/environment.h"
#include "addon/errors.h"
#include "addon/request.h"

namespace addon {

template <typename State>
class Call : public Request {
 public:
  using Work = kernel::Failure (*)(State& state, kernel::Thread& thread);
  using Answer = napi_value (*)(napi_env env, State& state);

  Call(std::shared_ptr<Environment> environment, State state, Work work, Answer answer)
      : Request(std::move(environment)), state_(std::move(state)), work_(work), answer_(answer) {}

 protected:
  kernel::Thread work(kernel::WorkerContext&) override {
    kernel::Thread thread = kernel::Thread::usable;
    failure_ = work_(state_, thread);
    return thread;
  }
  napi_value answer(napi_env env, bool& failed) override {
    failed = static_cast<bool>(failure_);
    return failed ? system_error(env, failure_) : answer_(env, state_);
  }

 private:
  State state_;
  Work work_;
  Answer answer_;
  kernel::Failure failure_;
};

// Returns the promise of the answer.
template <typename State>
napi_value call(napi_env env, State state, typename Call<State>::Work work, typename Call<State>::Answer answer) {
  Environment& environment = Environment::of(env);
  return environment.submit(
      std::make_shared<Call<State>>(environment.shared_from_this(), std::move(state), work, answer));
}

}  // namespace addon
