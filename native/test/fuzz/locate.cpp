// Naming any offset of any bytes; the last four bytes of the input are the offset and the missing attribute.
#include "codec/locate.h"

#include <cstring>

#include "test/fuzz/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 5) return 0;
  uint16_t offset = 0;
  uint16_t missing = 0;
  std::memcpy(&offset, data + size - 4, sizeof offset);
  std::memcpy(&missing, data + size - 2, sizeof missing);
  const auto [type, bytes] = netlink::test::fuzz_message(data, size);
  const netlink::Bytes message = bytes.first(bytes.size() - 4);
  netlink::locate(type, message, offset);
  netlink::locate_missing(type, message, offset, missing);
  return 0;
}
