#include "addon/request.h"

#include <cerrno>

#include "addon/environment.h"
#include "addon/errors.h"

namespace addon {

kernel::Thread Request::run(kernel::WorkerContext& worker) {
  const kernel::Thread thread = work(worker);
  if (progress_.exchange(Progress::done, std::memory_order_acq_rel) == Progress::posted) {
    environment_->deliver(shared_from_this());
  }
  return thread;
}

napi_value Request::refuse(napi_env env) { return system_error(env, {EAGAIN, "pthread_create"}); }

}  // namespace addon
