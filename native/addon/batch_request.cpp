#include "addon/batch_request.h"

#include "addon/acknowledgement_object.h"
#include "addon/errors.h"
#include "addon/messages.h"
#include "addon/values.h"

namespace addon {

kernel::Thread BatchRequest::work(kernel::WorkerContext& worker) {
  const kernel::Batch batch{
      .bytes = operations_.buffer.span(),
      .first = operations_.first,
      .last = operations_.last,
      .transaction = transaction_,
      .timeout = timeout_,
  };
  outcome_ = kernel::run_batch(link_->socket, batch, worker);
  return kernel::Thread::usable;
}

napi_value BatchRequest::describe(napi_env env, const kernel::Acknowledgement& error) const {
  napi_value result = object(env);
  // The frame's own messages lie before the first and after the last operation.
  const uint32_t index = error.sequence - operations_.first;
  const bool frame = index >= operations_.list.size();
  set(env, result, "operation", number(env, frame ? -1 : static_cast<double>(index)));
  if (frame) {
    describe_acknowledgement(env, result, error, nullptr, {});
  } else {
    describe_acknowledgement(env, result, error, operations_.list[index].type, operations_.message(index));
  }
  return result;
}

napi_value BatchRequest::answer(napi_env env, bool& failed) {
  --link_->outstanding;
  failed = static_cast<bool>(outcome_.failure);
  if (failed) {
    napi_value error = system_error(env, outcome_.failure);
    set(env, error, "unknownOutcome", boolean(env, outcome_.unknown));
    return error;
  }
  return result(env);
}

napi_value BatchRequest::nothing(napi_env env) { return result(env); }

napi_value BatchRequest::result(napi_env env) const {
  napi_value errors = list(env, 0);
  for (uint32_t index = 0; index < outcome_.errors.size(); ++index) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) break;
    napi_set_element(env, errors, index, describe(env, outcome_.errors[index]));
    napi_close_handle_scope(env, scope);
  }
  napi_value result = object(env);
  set(env, result, "errors", errors);
  set(env, result, "replies", decode_messages(env, outcome_.replies, {.operation = true, .first = operations_.first}));
  set(env, result, "unknownOutcome", boolean(env, outcome_.unknown));
  set(env, result, "overrun", boolean(env, outcome_.overrun));
  set(env, result, "kernelNanoseconds", number(env, static_cast<double>(outcome_.nanoseconds)));
  return result;
}

}  // namespace addon
