// Decoding any bytes as any message.
#include "codec/decode.h"

#include "test/counting_sink.h"
#include "test/fuzz/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [type, bytes] = netlink::test::fuzz_message(data, size);
  netlink::test::CountingSink sink;
  netlink::decode_message(type, bytes, sink);
  return 0;
}
