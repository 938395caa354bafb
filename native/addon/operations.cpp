#include "addon/operations.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <array>

#include "addon/errors.h"
#include "addon/frame.h"
#include "addon/javascript_tree.h"
#include "addon/values.h"
#include "codec/encode.h"
#include "kernel/message_walk.h"

namespace addon {

namespace {

// One handle scope for so many operations: opening one for each costs more than the handles do.
constexpr uint32_t operations_in_a_scope = 64;

// NFNL_MSG_BATCH_BEGIN and _END (linux/netfilter/nfnetlink.h).
void append_frame(netlink::Buffer& buffer, uint16_t type, uint32_t sequence, const OperationsOptions& options) {
  const size_t start = buffer.size();
  const nlmsghdr header{0, type, NLM_F_REQUEST, sequence, 0};
  const nfgenmsg fixed{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)};
  buffer.append(&header, sizeof header);
  buffer.append(&fixed, sizeof fixed);
  if (type == NFNL_MSG_BATCH_BEGIN && options.has_generation) {
    buffer.attribute(NFNL_BATCH_GENID, htonl(options.generation));
  }
  buffer.put(start, static_cast<uint32_t>(buffer.size() - start));
}

bool throw_encode_error(napi_env env, size_t index, const netlink::EncodeError& error) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  // A getter's own exception says more than what its absence led to.
  if (!pending) napi_throw(env, encode_error(env, index, error));
  return false;
}

bool append_operation(napi_env env, napi_value operation, size_t index, uint16_t flags, uint32_t sequence,
                      const JavaScriptSource& source, Operations& result) {
  netlink::EncodeError error;
  const netlink::Handle name = source.member(operation, "message");
  std::array<char, 64> buffer{};
  if (source.type(name) != netlink::Source::Type::text) {
    return throw_encode_error(env, index, {"message", "expected the name of a message"});
  }
  const std::string_view text = source.text(name, buffer);
  const netlink::MessageType* type = text.data() == nullptr ? nullptr : netlink::message_type(text);
  if (type == nullptr)
    return throw_encode_error(env, index, {"message", "unknown message '" + std::string(text) + "'"});
  const netlink::Handle own_flags = source.member(operation, "flags");
  uint64_t number = 0;
  bool negative = false;
  if (source.type(own_flags) != netlink::Source::Type::absent &&
      (!source.integer(own_flags, number, negative) || negative || number > UINT16_MAX)) {
    return throw_encode_error(env, index, {"flags", "expected a 16-bit number"});
  }
  const auto offset = static_cast<uint32_t>(result.buffer.size());
  const auto all_flags = static_cast<uint16_t>(number | flags);
  if (!netlink::encode_message(*type, all_flags, sequence, source, source.member(operation, "body"), result.buffer,
                               error)) {
    return throw_encode_error(env, index, error);
  }
  result.list.push_back({type, offset});
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  return !pending;
}

}  // namespace

std::span<const uint8_t> Operations::message(size_t index) const {
  uint32_t length = 0;
  std::memcpy(&length, buffer.data() + list[index].offset, sizeof length);
  return buffer.span().subspan(list[index].offset, length);
}

bool encode_operations(napi_env env, napi_value operations, const OperationsOptions& options, uint32_t& sequence,
                       Operations& result) {
  bool is_list = false;
  if (napi_is_array(env, operations, &is_list) != napi_ok || !is_list) {
    throw_type_error(env, "operations: expected an array");
    return false;
  }
  const JavaScriptSource source(env);
  uint32_t count = 0;
  napi_get_array_length(env, operations, &count);
  result.list.reserve(count);
  result.buffer.reserve(size_t{count} * 128 + 64);
  if (options.transaction) append_frame(result.buffer, NFNL_MSG_BATCH_BEGIN, sequence++, options);
  result.first = sequence;
  for (uint32_t start = 0; start < count; start += operations_in_a_scope) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
    bool encoded = true;
    for (uint32_t index = start; encoded && index < count && index < start + operations_in_a_scope; ++index) {
      uint16_t flags = options.flags;
      if (options.acknowledge && index == count - 1) flags |= NLM_F_ACK;
      napi_value operation = nullptr;
      encoded = napi_get_element(env, operations, index, &operation) == napi_ok &&
                append_operation(env, operation, index, flags, sequence++, source, result);
    }
    napi_close_handle_scope(env, scope);
    if (!encoded) return false;
  }
  result.last = sequence - 1;
  if (options.transaction) append_frame(result.buffer, NFNL_MSG_BATCH_END, sequence++, options);
  return true;
}

bool encode_operation(napi_env env, napi_value operation, uint16_t flags, uint32_t& sequence, Operations& result) {
  result.first = result.last = sequence;
  return append_operation(env, operation, 0, flags, sequence++, JavaScriptSource(env), result);
}

bool read_operations(std::span<const uint8_t> bytes, Operations& result, bool& transaction) {
  size_t whole = 0;
  bool ended = false;
  transaction = false;
  result.buffer.append(bytes.data(), bytes.size());
  kernel::walk_messages(bytes, [&](const nlmsghdr& header, std::span<const uint8_t> message) {
    const auto offset = static_cast<size_t>(message.data() - bytes.data());
    whole = offset + NLMSG_ALIGN(message.size());
    ended = false;
    switch (frame_part(header)) {
      case FramePart::begin:
        transaction = true;
        return;
      case FramePart::end:
        ended = true;
        return;
      case FramePart::none:
        break;
    }
    if (result.list.empty()) result.first = header.nlmsg_seq;
    result.last = header.nlmsg_seq;
    result.list.push_back({netlink::message_type(header.nlmsg_type), static_cast<uint32_t>(offset)});
  });
  return whole >= bytes.size() && transaction == ended;
}

}  // namespace addon
