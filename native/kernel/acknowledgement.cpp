#include "kernel/acknowledgement.h"

#include <algorithm>
#include <cstring>

namespace kernel {

namespace {

// Own numbers: the headers of supported distributions are older than some of these.
constexpr uint16_t attribute_text = 1;          // NLMSGERR_ATTR_MSG
constexpr uint16_t attribute_offset = 2;        // NLMSGERR_ATTR_OFFS
constexpr uint16_t attribute_missing_type = 5;  // NLMSGERR_ATTR_MISS_TYPE, Linux 6.1
constexpr uint16_t attribute_missing_nest = 6;  // NLMSGERR_ATTR_MISS_NEST, Linux 6.1

template <typename T>
T read(Bytes bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

}  // namespace

Acknowledgement read_acknowledgement(Bytes message) {
  Acknowledgement result;
  const auto header = read<nlmsghdr>(message);
  result.sequence = header.nlmsg_seq;
  Bytes rest = message.subspan(std::min<size_t>(NLMSG_HDRLEN, message.size()));
  if (rest.size() >= sizeof(int)) result.error = -read<int>(rest);
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return result;

  size_t fixed = sizeof(int);
  if (header.nlmsg_type == NLMSG_ERROR) {
    fixed = sizeof(nlmsgerr);
    // The request follows in full unless the kernel was told to leave it out (NETLINK_CAP_ACK).
    if ((header.nlmsg_flags & NLM_F_CAPPED) == 0 && rest.size() >= sizeof(nlmsgerr)) {
      const auto request = read<nlmsgerr>(rest).msg;
      fixed += NLMSG_ALIGN(request.nlmsg_len) - std::min<size_t>(NLMSG_ALIGN(request.nlmsg_len), NLMSG_HDRLEN);
    }
  }
  rest = rest.subspan(std::min(NLMSG_ALIGN(fixed), rest.size()));
  while (rest.size() >= NLA_HDRLEN) {
    const auto attribute = read<nlattr>(rest);
    if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > rest.size()) break;
    const Bytes payload = rest.subspan(NLA_HDRLEN, attribute.nla_len - NLA_HDRLEN);
    switch (attribute.nla_type & NLA_TYPE_MASK) {
      case attribute_text:
        result.text.assign(reinterpret_cast<const char*>(payload.data()),
                           strnlen(reinterpret_cast<const char*>(payload.data()), payload.size()));
        break;
      case attribute_offset:
        result.offset = read<uint32_t>(payload);
        break;
      case attribute_missing_type:
        result.missing_type = read<uint32_t>(payload);
        break;
      case attribute_missing_nest:
        result.missing_nest = read<uint32_t>(payload);
        break;
      default:
        break;
    }
    rest = rest.subspan(std::min<size_t>(NLA_ALIGN(attribute.nla_len), rest.size()));
  }
  return result;
}

}  // namespace kernel
