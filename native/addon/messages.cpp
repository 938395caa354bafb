#include "addon/messages.h"

#include "addon/frame.h"
#include "addon/javascript_tree.h"
#include "addon/values.h"
#include "codec/decode.h"
#include "kernel/message_walk.h"

namespace addon {

namespace {

napi_value local(netlink::Handle handle) { return const_cast<napi_value>(static_cast<const napi_value__*>(handle)); }

napi_value decode(napi_env env, const nlmsghdr& header, netlink::Bytes message, const MessagesOptions& options,
                  JavaScriptSink& sink) {
  napi_value result = object(env);
  const FramePart frame = frame_part(header);
  const netlink::MessageType* type = frame == FramePart::none ? netlink::message_type(header.nlmsg_type) : nullptr;
  const char* name = type != nullptr ? type->name : "unknown";
  if (frame != FramePart::none) name = frame == FramePart::begin ? "batch.begin" : "batch.end";
  set(env, result, "message", text(env, name));
  if (options.sequence) {
    set(env, result, "type", number(env, header.nlmsg_type));
    set(env, result, "sequence", number(env, header.nlmsg_seq));
  }
  if (options.operation) set(env, result, "operation", number(env, header.nlmsg_seq - options.first));
  set(env, result, "flags", number(env, header.nlmsg_flags));
  if (type != nullptr) {
    set(env, result, "body", local(netlink::decode_message(*type, message, sink)));
  } else {
    napi_value body = object(env);
    set(env, body, "type", number(env, header.nlmsg_type));
    set(env, body, "payload", local(sink.bytes(message.subspan(NLMSG_HDRLEN))));
    set(env, result, "body", body);
  }
  return result;
}

}  // namespace

napi_value decode_messages(napi_env env, std::span<const uint8_t> bytes, const MessagesOptions& options) {
  napi_value result = list(env, 0);
  JavaScriptSink sink(env);
  uint32_t index = 0;
  kernel::walk_messages(bytes, [&](const nlmsghdr& header, netlink::Bytes message) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_set_element(env, result, index++, decode(env, header, message, options, sink));
    napi_close_handle_scope(env, scope);
  });
  return result;
}

}  // namespace addon
