#include <climits>

#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/values.h"
#include "kernel/short_cut.h"

namespace addon {

namespace {

bool read_members(napi_env env, napi_value value, std::vector<kernel::ShortCutMember>& members) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  members.resize(count);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    int64_t interface = 0;
    std::string address;
    if (napi_get_element(env, value, index, &item) != napi_ok ||
        !read_integer(env, member(env, item, "interface"), 1, INT_MAX, interface) ||
        !read_text(env, member(env, item, "hardwareAddress"), address) ||
        !read_hardware_address(address, members[index].hardware_address)) {
      return false;
    }
    members[index].interface = static_cast<uint32_t>(interface);
  }
  return true;
}

Napi::Value open(const Napi::CallbackInfo& info) {
  struct State {
    int64_t id = 0;
    kernel::FileDescriptor program;
  };
  const napi_env env = info.Env();
  State state;
  if (!is_absent(env, info[0]) && !read_integer(env, info[0], 1, UINT32_MAX, state.id)) {
    throw_type_error(env, "expected the number of a program, or nothing");
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& work, kernel::Thread&) {
                     return work.id == 0 ? kernel::create_short_cut(work.program)
                                         : kernel::open_short_cut(static_cast<uint32_t>(work.id), work.program);
                   },
                   [](napi_env answered, State& work) { return number(answered, work.program.release()); })};
}

Napi::Value enter(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    int64_t program = 0;
    std::vector<kernel::ShortCutMember> members;
  };
  const napi_env env = info.Env();
  State state;
  if (!read_namespace(env, info[0], state.where) || !read_integer(env, info[1], 0, INT_MAX, state.program) ||
      !read_members(env, info[2], state.members)) {
    throw_type_error(env, "expected a namespace, a descriptor and an array of { interface, hardwareAddress }");
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& work, kernel::Thread& thread) {
                     return kernel::enter_short_cut(work.where, static_cast<int>(work.program), work.members, thread);
                   },
                   [](napi_env answered, State&) { return undefined(answered); })};
}

}  // namespace

void export_short_cuts(Napi::Env env, Napi::Object exports) {
  exports.Set("openShortCut", Napi::Function::New<open>(env, "openShortCut"));
  exports.Set("enterShortCut", Napi::Function::New<enter>(env, "enterShortCut"));
}

}  // namespace addon
