#include "addon/dump_request.h"

#include "addon/acknowledgement_object.h"
#include "addon/errors.h"
#include "addon/messages.h"
#include "addon/values.h"

namespace addon {

kernel::Thread DumpRequest::work(kernel::WorkerContext& worker) {
  const kernel::Dump dump{.request = operations_.buffer.span(), .sequence = operations_.first, .timeout = timeout_};
  outcome_ = kernel::run_dump(link_->socket, dump, worker);
  return kernel::Thread::usable;
}

napi_value DumpRequest::answer(napi_env env, bool& failed) {
  --link_->outstanding;
  failed = true;
  if (outcome_.failure) return system_error(env, outcome_.failure);
  if (outcome_.error) {
    napi_value error = system_error(env, {outcome_.error->error, "dump", outcome_.error->text});
    describe_acknowledgement(env, error, *outcome_.error, operations_.list[0].type, operations_.message(0));
    return error;
  }
  failed = false;
  return decode_messages(env, outcome_.messages, {});
}

}  // namespace addon
