#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/item_failures.h"
#include "addon/values.h"
#include "kernel/sysctl.h"

namespace addon {

namespace {

Napi::Value write(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    std::vector<kernel::Sysctl> sysctls;
    std::vector<kernel::SysctlFailure> failures;
  };
  const napi_env env = info.Env();
  State state;
  uint32_t count = 0;
  if (!read_namespace(env, info[0], state.where) || napi_get_array_length(env, info[1], &count) != napi_ok) {
    throw_type_error(env, "expected a namespace and an array of { name, value }");
    return {};
  }
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    kernel::Sysctl sysctl;
    if (napi_get_element(env, info[1], index, &item) != napi_ok ||
        !read_text(env, member(env, item, "name"), sysctl.name) ||
        !read_text(env, member(env, item, "value"), sysctl.value)) {
      throw_type_error(env, "sysctls: expected { name, value } with text in both");
      return {};
    }
    state.sysctls.push_back(std::move(sysctl));
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& visit, kernel::Thread& thread) {
                     return kernel::write_sysctls(visit.where, visit.sysctls, visit.failures, thread);
                   },
                   [](napi_env answered, State& visit) { return item_failures(answered, visit.failures); })};
}

Napi::Value read(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    std::string name;
    std::string value;
  };
  const napi_env env = info.Env();
  State state;
  if (!read_namespace(env, info[0], state.where) || !read_text(env, info[1], state.name)) {
    throw_type_error(env, "expected a namespace and the name of a sysctl");
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& visit, kernel::Thread& thread) {
                     return kernel::read_sysctl(visit.where, visit.name, visit.value, thread);
                   },
                   [](napi_env answered, State& visit) { return text(answered, visit.value); })};
}

}  // namespace

void export_sysctls(Napi::Env env, Napi::Object exports) {
  exports.Set("writeSysctls", Napi::Function::New<write>(env, "writeSysctls"));
  exports.Set("readSysctl", Napi::Function::New<read>(env, "readSysctl"));
}

}  // namespace addon
