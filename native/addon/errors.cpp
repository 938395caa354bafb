#include "addon/errors.h"

#include <cstring>

#include "addon/values.h"

namespace addon {

namespace {

// ENOTSUPP, include/linux/errno.h: not for user space, yet netlink handlers let it through.
constexpr int not_supported = 524;

}  // namespace

std::string error_code(int error) {
  if (error == not_supported) return "ENOTSUPP";
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

napi_value system_error(napi_env env, const kernel::Failure& failure) {
  const std::string code = error_code(failure.error);
  const char* description = strerrordesc_np(failure.error);
  std::string message = code + ": " + (description != nullptr ? description : "unknown error") + ", " + failure.call;
  if (!failure.subject.empty()) message += " '" + failure.subject + "'";
  napi_value result = nullptr;
  napi_create_error(env, text(env, code), text(env, message), &result);
  set(env, result, "errno", number(env, failure.error));
  set(env, result, "syscall", text(env, failure.call));
  if (!failure.subject.empty()) set(env, result, "path", text(env, failure.subject));
  return result;
}

napi_value encode_error(napi_env env, size_t operation, const netlink::EncodeError& error) {
  std::string message = "operation " + std::to_string(operation);
  if (!error.path.empty()) message += ", " + error.path;
  message += ": " + error.problem;
  napi_value result = nullptr;
  napi_create_error(env, text(env, "ERR_NETLINK_ENCODE"), text(env, message), &result);
  set(env, result, "operation", number(env, static_cast<double>(operation)));
  set(env, result, "path", text(env, error.path));
  set(env, result, "problem", text(env, error.problem));
  return result;
}

void throw_type_error(napi_env env, const char* message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
}

}  // namespace addon
