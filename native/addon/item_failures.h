// The items of a list that failed while the others did not.
#pragma once

#include <vector>

#include "addon/errors.h"
#include "addon/values.h"

namespace addon {

// An array of { index, errno, code, syscall } for anything with members `index` and `failure`.
template <typename ItemFailure>
napi_value item_failures(napi_env env, const std::vector<ItemFailure>& failures) {
  napi_value result = list(env, failures.size());
  for (uint32_t position = 0; position < failures.size(); ++position) {
    napi_value item = object(env);
    set(env, item, "index", number(env, static_cast<double>(failures[position].index)));
    set(env, item, "errno", number(env, failures[position].failure.error));
    set(env, item, "code", text(env, error_code(failures[position].failure.error)));
    set(env, item, "syscall", text(env, failures[position].failure.call));
    napi_set_element(env, result, position, item);
  }
  return result;
}

}  // namespace addon
