#include "addon/environment.h"

#include <utility>

#include "addon/errors.h"
#include "kernel/processor.h"

namespace addon {

Environment::Environment(napi_env env)
    : env_(env), attention_(kernel::may_spin() ? default_attention : std::chrono::nanoseconds(0)) {}

Environment* Environment::create(napi_env env) {
  auto environment = std::make_shared<Environment>(env);
  napi_value name = nullptr;
  if (napi_create_string_utf8(env, "netlink", NAPI_AUTO_LENGTH, &name) != napi_ok) return nullptr;
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, environment.get(), called,
                                      &environment->notifier_) != napi_ok) {
    return nullptr;
  }
  napi_unref_threadsafe_function(env, environment->notifier_);
  // After the thread-safe function, so that this hook runs before the one that takes that away: no worker is left to
  // call it.
  if (napi_add_env_cleanup_hook(env, end, environment.get()) != napi_ok) return nullptr;
  auto* holder = new std::shared_ptr<Environment>(environment);
  const auto drop = [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Environment>*>(data); };
  if (napi_set_instance_data(env, holder, drop, nullptr) != napi_ok) {
    napi_remove_env_cleanup_hook(env, end, environment.get());
    delete holder;
    return nullptr;
  }
  return environment.get();
}

Environment& Environment::of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return **static_cast<std::shared_ptr<Environment>*>(data);
}

void Environment::end(void* environment) {
  auto* self = static_cast<Environment*>(environment);
  self->pool_.stop();
  const std::lock_guard lock(self->mutex_);
  self->completed_.clear();
}

napi_value Environment::submit(const std::shared_ptr<Request>& request, const std::shared_ptr<kernel::Strand>& strand,
                               std::chrono::nanoseconds attention, bool* at_once) {
  using Progress = Request::Progress;
  const bool looks_on = attention.count() > 0;
  if (at_once != nullptr) *at_once = false;
  if (looks_on) request->progress_.store(Progress::awaited, std::memory_order_relaxed);
  if (!pool_.post(strand, request)) return reject(env_, request->refuse(env_));
  if (looks_on) {
    const auto done = [&request] { return request->progress_.load(std::memory_order_acquire) == Progress::done; };
    Progress awaited = Progress::awaited;
    if (kernel::spin_until(attention, done) ||
        !request->progress_.compare_exchange_strong(awaited, Progress::posted, std::memory_order_acq_rel)) {
      bool failed = false;
      napi_value answer = request->answer(env_, failed);
      if (at_once != nullptr) *at_once = true;
      answered_ = kernel::Clock::now();
      return failed ? reject(env_, answer) : answer;
    }
  }
  // The worker does not touch the promise, and this thread settles it in a later turn: it may be made now.
  napi_value promise = nullptr;
  napi_create_promise(env_, &request->deferred_, &promise);
  if (outstanding_++ == 0) napi_ref_threadsafe_function(env_, notifier_);
  return promise;
}

napi_value Environment::submit(const std::shared_ptr<Request>& request) {
  return submit(request, std::make_shared<kernel::Strand>());
}

void Environment::deliver(std::shared_ptr<Request> request) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = completed_.empty();
    completed_.push_back(std::move(request));
  }
  // One wake-up for all that is completed until the event loop gets to it.
  if (first) napi_call_threadsafe_function(notifier_, nullptr, napi_tsfn_nonblocking);
}

void Environment::called(napi_env env, napi_value, void* environment, void*) {
  // Without an environment: Node empties the queue of a function that is going away.
  if (env != nullptr) static_cast<Environment*>(environment)->settle();
}

void Environment::settle() {
  std::vector<std::shared_ptr<Request>> completed;
  {
    const std::lock_guard lock(mutex_);
    completed.swap(completed_);
  }
  turned_ = answered_ = kernel::Clock::now();
  for (const std::shared_ptr<Request>& request : completed) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
    bool failed = false;
    napi_value answer = request->answer(env_, failed);
    if (request->deferred_ != nullptr) {
      if (failed) {
        napi_reject_deferred(env_, request->deferred_, answer);
      } else {
        napi_resolve_deferred(env_, request->deferred_, answer);
      }
    }
    napi_close_handle_scope(env_, scope);
    if (--outstanding_ == 0) napi_unref_threadsafe_function(env_, notifier_);
  }
}

napi_value Environment::reject(napi_env env, napi_value error) {
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return nullptr;
  napi_reject_deferred(env, deferred, error);
  return promise;
}

}  // namespace addon
