#include "addon/native_socket.h"

#include <linux/netlink.h>

#include <climits>
#include <utility>

#include "addon/batch_request.h"
#include "addon/call.h"
#include "addon/dump_request.h"
#include "addon/errors.h"
#include "addon/operations.h"
#include "addon/values.h"
#include "kernel/message_walk.h"

namespace addon {

namespace {

constexpr napi_type_tag socket_tag{0x6e65746c696e6b00, 0x4e6174697665536f};
constexpr napi_type_tag link_tag{0x6e65746c696e6b01, 0x536f636b65744c69};
constexpr int64_t default_timeout = 10'000;  // milliseconds
// More than that takes the kernel longer than anybody should look on.
constexpr size_t small_request = size_t{16} * 1024;

using Link = std::shared_ptr<SocketLink>;

// Closes a socket on a worker: close(2) may take 16 ms after a transaction that deleted something (an RCU grace
// period).
class Closing : public kernel::Task {
 public:
  explicit Closing(Link link) : link_(std::move(link)) {}
  kernel::Thread run(kernel::WorkerContext&) override {
    link_->socket.close();
    return kernel::Thread::usable;
  }

 private:
  Link link_;
};

bool read_timeout(napi_env env, napi_value options, std::chrono::milliseconds& timeout) {
  int64_t milliseconds = default_timeout;
  napi_value value = member(env, options, "timeout");
  if (value != nullptr && !read_integer(env, value, 0, INT_MAX, milliseconds)) {
    throw_type_error(env, "options.timeout: expected milliseconds");
    return false;
  }
  timeout = std::chrono::milliseconds(milliseconds);
  return true;
}

}  // namespace

Napi::Function NativeSocket::define(Napi::Env env) {
  const Napi::Function constructor = DefineClass(env, "NativeSocket",
                                                 {
                                                     StaticMethod<&NativeSocket::open>("open"),
                                                     InstanceMethod<&NativeSocket::batch>("batch"),
                                                     InstanceMethod<&NativeSocket::get>("get"),
                                                     InstanceMethod<&NativeSocket::transmit>("transmit"),
                                                     InstanceMethod<&NativeSocket::dump>("dump"),
                                                     InstanceMethod<&NativeSocket::close>("close"),
                                                     InstanceAccessor<&NativeSocket::identity>("namespace"),
                                                     InstanceAccessor<&NativeSocket::closed>("closed"),
                                                 });
  napi_ref reference = nullptr;
  napi_create_reference(env, constructor, 1, &reference);
  Environment::of(env).set_socket_class(reference);
  return constructor;
}

napi_value NativeSocket::create(napi_env env, const Link& link) {
  napi_value constructor = nullptr;
  napi_value token = nullptr;
  napi_value result = nullptr;
  // Lives until the constructor has copied it: both happen here.
  Link copy = link;
  if (napi_get_reference_value(env, Environment::of(env).socket_class(), &constructor) != napi_ok ||
      napi_create_external(env, &copy, nullptr, nullptr, &token) != napi_ok ||
      napi_type_tag_object(env, token, &link_tag) != napi_ok) {
    return nullptr;
  }
  napi_new_instance(env, constructor, 1, &token, &result);
  return result;
}

NativeSocket::NativeSocket(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeSocket>(info) {
  napi_value token = info[0];
  napi_valuetype type = napi_undefined;
  bool ours = false;
  napi_typeof(info.Env(), token, &type);
  if (type == napi_external) napi_check_object_type_tag(info.Env(), token, &link_tag, &ours);
  if (!ours) {
    throw_type_error(info.Env(), "NativeSocket cannot be constructed; use NativeSocket.open");
    return;
  }
  void* data = nullptr;
  napi_get_value_external(info.Env(), token, &data);
  napi_type_tag_object(info.Env(), info.This(), &socket_tag);
  environment_ = Environment::of(info.Env()).shared_from_this();
  link_ = *static_cast<Link*>(data);
}

NativeSocket::~NativeSocket() {
  if (link_ != nullptr && !closed_) {
    const std::shared_ptr<kernel::Strand> strand = link_->strand;
    environment_->pool().post(strand, std::make_shared<Closing>(std::move(link_)));
  }
}

Napi::Value NativeSocket::open(const Napi::CallbackInfo& info) {
  struct State {
    int protocol = 0;
    kernel::NamespaceReference where;
    Link link = std::make_shared<SocketLink>();
  };
  const napi_env env = info.Env();
  State state;
  std::string protocol;
  if (!read_text(env, info[0], protocol) || (protocol != "route" && protocol != "netfilter")) {
    throw_type_error(env, "protocol: expected 'route' or 'netfilter'");
    return {};
  }
  state.protocol = protocol == "route" ? NETLINK_ROUTE : NETLINK_NETFILTER;
  if (!read_namespace(env, info[1], state.where)) {
    throw_type_error(env, "namespace: expected a name, a path or a descriptor");
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& opened, kernel::Thread& thread) {
                     return opened.link->socket.open(opened.protocol, opened.where, thread);
                   },
                   [](napi_env answered, State& opened) { return create(answered, opened.link); })};
}

napi_value NativeSocket::submit(const std::shared_ptr<Request>& request, Patience& patience, size_t size) {
  // Behind other requests of this socket the wait would be theirs too.
  const bool look_on =
      link_->outstanding == 0 && size <= small_request && environment_->may_look_on() && patience.worth();
  ++link_->outstanding;
  if (!look_on) return environment_->submit(request, link_->strand);
  bool at_once = false;
  napi_value result = environment_->submit(request, link_->strand, environment_->attention(), &at_once);
  patience.record(at_once);
  return result;
}

Napi::Value NativeSocket::batch(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  if (closed_) return {env, Environment::reject(env, system_error(env, {EBADF, "send"}))};
  napi_value options = info[1];
  std::chrono::milliseconds timeout{};
  OperationsOptions frame;
  bool echo = false;
  if (!read_timeout(env, options, timeout)) return {};
  read_boolean(env, member(env, options, "nftables"), frame.transaction);
  read_boolean(env, member(env, options, "echo"), echo);
  if (echo) frame.flags = NLM_F_ECHO;
  if (napi_value generation = member(env, options, "generation"); generation != nullptr) {
    int64_t number = 0;
    if (!read_integer(env, generation, 0, UINT32_MAX, number)) {
      throw_type_error(env, "options.generation: expected a 32-bit number");
      return {};
    }
    frame.has_generation = true;
    frame.generation = static_cast<uint32_t>(number);
  }
  auto request = std::make_shared<BatchRequest>(environment_, link_, frame.transaction, timeout);
  // A copy: a getter in the list may call back into this socket.
  uint32_t sequence = sequence_;
  if (!encode_operations(env, info[0], frame, sequence, request->operations())) return {};
  sequence_ = sequence;
  if (request->operations().list.empty()) return {env, request->nothing(env)};
  const size_t size = request->operations().buffer.size();
  return {env, submit(request, link_->batches, size)};
}

Napi::Value NativeSocket::get(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  if (closed_) return {env, Environment::reject(env, system_error(env, {EBADF, "send"}))};
  std::chrono::milliseconds timeout{};
  if (!read_timeout(env, info[1], timeout)) return {};
  auto request = std::make_shared<BatchRequest>(environment_, link_, false, timeout);
  uint32_t sequence = sequence_;
  // The acknowledgement tells where the replies end: some requests have several, some none.
  if (!encode_operation(env, info[0], NLM_F_ACK, sequence, request->operations())) return {};
  sequence_ = sequence;
  return {env, submit(request, link_->batches, request->operations().buffer.size())};
}

Napi::Value NativeSocket::transmit(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  if (closed_) return {env, Environment::reject(env, system_error(env, {EBADF, "send"}))};
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (napi_get_typedarray_info(env, info[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    throw_type_error(env, "bytes: expected a Uint8Array");
    return {};
  }
  std::chrono::milliseconds timeout{};
  if (!read_timeout(env, info[1], timeout)) return {};
  Operations operations;
  bool transaction = false;
  if (!read_operations({static_cast<const uint8_t*>(data), length}, operations, transaction)) {
    throw_type_error(env, "bytes: expected whole messages, and a transaction with its end");
    return {};
  }
  auto request = std::make_shared<BatchRequest>(environment_, link_, transaction, timeout);
  if (operations.list.empty()) return {env, request->nothing(env)};
  sequence_ = operations.last + 2;
  request->operations() = std::move(operations);
  return {env, submit(request, link_->batches, length)};
}

Napi::Value NativeSocket::dump(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  if (closed_) return {env, Environment::reject(env, system_error(env, {EBADF, "send"}))};
  std::chrono::milliseconds timeout{};
  if (!read_timeout(env, info[1], timeout)) return {};
  auto request = std::make_shared<DumpRequest>(environment_, link_, timeout);
  uint32_t sequence = sequence_;
  if (!encode_operation(env, info[0], NLM_F_DUMP, sequence, request->operations())) return {};
  // The number after that of the dump is for the question about the generation.
  sequence_ = sequence + 1;
  return {env, submit(request, link_->dumps, request->operations().buffer.size())};
}

Napi::Value NativeSocket::close(const Napi::CallbackInfo& info) {
  closed_ = true;
  const auto work = [](Link& link, kernel::Thread&) {
    link->socket.close();
    return kernel::Failure();
  };
  const auto answer = [](napi_env env, Link&) { return undefined(env); };
  auto request = std::make_shared<Call<Link>>(environment_, link_, work, answer);
  return {info.Env(), environment_->submit(request, link_->strand)};
}

Napi::Value NativeSocket::identity(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  napi_value result = object(env);
  set(env, result, "device", number(env, static_cast<double>(link_->socket.identity().device)));
  set(env, result, "inode", number(env, static_cast<double>(link_->socket.identity().inode)));
  return {env, result};
}

Napi::Value NativeSocket::closed(const Napi::CallbackInfo& info) { return {info.Env(), boolean(info.Env(), closed_)}; }

}  // namespace addon
