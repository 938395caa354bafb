#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/values.h"
#include "kernel/network_namespace.h"

namespace addon {

namespace {

Napi::Value create(const Napi::CallbackInfo& info) {
  std::string name;
  if (!read_text(info.Env(), info[0], name)) {
    throw_type_error(info.Env(), "name: expected text");
    return {};
  }
  return {info.Env(),
          call<std::string>(
              info.Env(), name,
              [](std::string& made, kernel::Thread& thread) { return kernel::create_namespace(made, thread); },
              [](napi_env env, std::string&) { return undefined(env); })};
}

Napi::Value create_unnamed(const Napi::CallbackInfo& info) {
  return {info.Env(), call<kernel::FileDescriptor>(
                          info.Env(), {},
                          [](kernel::FileDescriptor& made, kernel::Thread& thread) {
                            return kernel::create_unnamed_namespace(made, thread);
                          },
                          [](napi_env env, kernel::FileDescriptor& made) { return number(env, made.release()); })};
}

Napi::Value remove(const Napi::CallbackInfo& info) {
  std::string name;
  if (!read_text(info.Env(), info[0], name)) {
    throw_type_error(info.Env(), "name: expected text");
    return {};
  }
  return {info.Env(),
          call<std::string>(
              info.Env(), name, [](std::string& gone, kernel::Thread&) { return kernel::delete_namespace(gone); },
              [](napi_env env, std::string&) { return undefined(env); })};
}

Napi::Value list_all(const Napi::CallbackInfo& info) {
  using Names = std::vector<std::string>;
  return {info.Env(), call<Names>(
                          info.Env(), {}, [](Names& names, kernel::Thread&) { return kernel::list_namespaces(names); },
                          [](napi_env env, Names& names) {
                            napi_value result = list(env, names.size());
                            for (uint32_t index = 0; index < names.size(); ++index) {
                              napi_set_element(env, result, index, text(env, names[index]));
                            }
                            return result;
                          })};
}

// Two system calls on a file that is in memory: not worth a trip to a worker.
Napi::Value is_one(const Napi::CallbackInfo& info) {
  kernel::NamespaceReference where;
  if (!read_namespace(info.Env(), info[0], where) || where.path.empty()) {
    throw_type_error(info.Env(), "namespace: expected a name or a path");
    return {};
  }
  return {info.Env(), boolean(info.Env(), kernel::is_namespace(where.path))};
}

Napi::Value identify(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  kernel::NamespaceReference where;
  if (!read_namespace(env, info[0], where)) {
    throw_type_error(env, "namespace: expected a name, a path or a descriptor");
    return {};
  }
  kernel::NamespaceIdentity identity;
  if (kernel::Failure failure = kernel::identify_namespace(where, identity)) {
    napi_throw(env, system_error(env, failure));
    return {};
  }
  napi_value result = object(env);
  set(env, result, "device", number(env, static_cast<double>(identity.device)));
  set(env, result, "inode", number(env, static_cast<double>(identity.inode)));
  return {env, result};
}

}  // namespace

void export_namespaces(Napi::Env env, Napi::Object exports) {
  exports.Set("createNamespace", Napi::Function::New<create>(env, "createNamespace"));
  exports.Set("createUnnamedNamespace", Napi::Function::New<create_unnamed>(env, "createUnnamedNamespace"));
  exports.Set("deleteNamespace", Napi::Function::New<remove>(env, "deleteNamespace"));
  exports.Set("listNamespaces", Napi::Function::New<list_all>(env, "listNamespaces"));
  exports.Set("isNamespace", Napi::Function::New<is_one>(env, "isNamespace"));
  exports.Set("identifyNamespace", Napi::Function::New<identify>(env, "identifyNamespace"));
}

}  // namespace addon
