#include <arpa/inet.h>

#include <climits>

#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/item_failures.h"
#include "addon/values.h"
#include "kernel/gratuitous_arp.h"

namespace addon {

namespace {

bool read_announcement(napi_env env, napi_value item, kernel::Announcement& result) {
  int64_t interface = 0;
  std::string address;
  if (!read_integer(env, member(env, item, "interface"), 1, INT_MAX, interface)) return false;
  result.interface = static_cast<int>(interface);
  if (!read_text(env, member(env, item, "address"), address)) return false;
  if (inet_pton(AF_INET, address.c_str(), result.address.data()) != 1) return false;
  if (napi_value hardware = member(env, item, "hardwareAddress"); hardware != nullptr) {
    std::string words;
    kernel::HardwareAddress bytes{};
    if (!read_text(env, hardware, words) || !read_hardware_address(words, bytes)) return false;
    result.hardware_address = bytes;
  }
  if (napi_value form = member(env, item, "form"); form != nullptr) {
    std::string name;
    if (!read_text(env, form, name)) return false;
    if (name == "request") {
      result.form = kernel::Announcement::Form::request;
    } else if (name == "reply") {
      result.form = kernel::Announcement::Form::reply;
    } else if (name == "both") {
      result.form = kernel::Announcement::Form::both;
    } else {
      return false;
    }
  }
  return true;
}

Napi::Value announce(const Napi::CallbackInfo& info) {
  struct State {
    kernel::NamespaceReference where;
    std::vector<kernel::Announcement> announcements;
    std::vector<kernel::AnnouncementFailure> failures;
  };
  const napi_env env = info.Env();
  State state;
  uint32_t count = 0;
  if (!read_namespace(env, info[0], state.where) || napi_get_array_length(env, info[1], &count) != napi_ok) {
    throw_type_error(env, "expected a namespace and an array of announcements");
    return {};
  }
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    kernel::Announcement announcement;
    if (napi_get_element(env, info[1], index, &item) != napi_ok || !read_announcement(env, item, announcement)) {
      throw_type_error(env, "announcements: expected { interface, address, hardwareAddress?, form? }");
      return {};
    }
    state.announcements.push_back(announcement);
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& burst, kernel::Thread& thread) {
                     return kernel::announce_addresses(burst.where, burst.announcements, burst.failures, thread);
                   },
                   [](napi_env answered, State& burst) { return item_failures(answered, burst.failures); })};
}

}  // namespace

void export_announcements(Napi::Env env, Napi::Object exports) {
  exports.Set("announceAddresses", Napi::Function::New<announce>(env, "announceAddresses"));
}

}  // namespace addon
