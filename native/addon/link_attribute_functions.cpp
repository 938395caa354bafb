#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/item_failures.h"
#include "addon/values.h"
#include "kernel/link_attribute.h"

namespace addon {

namespace {

Napi::Value write(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    std::vector<kernel::LinkAttribute> attributes;
    std::vector<kernel::LinkAttributeFailure> failures;
  };
  const napi_env env = info.Env();
  State state;
  uint32_t count = 0;
  if (!read_namespace(env, info[0], state.where) || napi_get_array_length(env, info[1], &count) != napi_ok) {
    throw_type_error(env, "expected a namespace and an array of { link, name, value }");
    return {};
  }
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    kernel::LinkAttribute attribute;
    if (napi_get_element(env, info[1], index, &item) != napi_ok ||
        !read_text(env, member(env, item, "link"), attribute.link) ||
        !read_text(env, member(env, item, "name"), attribute.name) ||
        !read_text(env, member(env, item, "value"), attribute.value)) {
      throw_type_error(env, "attributes: expected { link, name, value } with text in all of them");
      return {};
    }
    state.attributes.push_back(std::move(attribute));
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& visit, kernel::Thread& thread) {
                     return kernel::write_link_attributes(visit.where, visit.attributes, visit.failures, thread);
                   },
                   [](napi_env answered, State& visit) { return item_failures(answered, visit.failures); })};
}

Napi::Value read(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    std::string link;
    std::string name;
    std::string value;
  };
  const napi_env env = info.Env();
  State state;
  if (!read_namespace(env, info[0], state.where) || !read_text(env, info[1], state.link) ||
      !read_text(env, info[2], state.name)) {
    throw_type_error(env, "expected a namespace, the name of a link and the name of an attribute");
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& visit, kernel::Thread& thread) {
                     return kernel::read_link_attribute(visit.where, visit.link, visit.name, visit.value, thread);
                   },
                   [](napi_env answered, State& visit) { return text(answered, visit.value); })};
}

}  // namespace

void export_link_attributes(Napi::Env env, Napi::Object exports) {
  exports.Set("writeLinkAttributes", Napi::Function::New<write>(env, "writeLinkAttributes"));
  exports.Set("readLinkAttribute", Napi::Function::New<read>(env, "readLinkAttribute"));
}

}  // namespace addon
