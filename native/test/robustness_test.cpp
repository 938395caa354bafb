// No bytes make the codec crash or read what is not there (run under ASan and UBSan), and whatever decodes survives
// being encoded.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include "codec/decode.h"
#include "codec/locate.h"
#include "test/check.h"
#include "test/counting_sink.h"
#include "test/golden.h"
#include "test/messages.h"
#include "test/round_trip.h"

namespace netlink::test {
namespace {

// Bytes at the very end of an allocation of their own, so that ASan sees a read past them; at an odd address when
// asked.
class Cornered {
 public:
  explicit Cornered(size_t capacity) : memory_(new uint8_t[capacity]), capacity_(capacity) {}
  Bytes hold(Bytes bytes) {
    uint8_t* start = memory_.get() + capacity_ - bytes.size();
    if (!bytes.empty()) std::memcpy(start, bytes.data(), bytes.size());
    return {start, bytes.size()};
  }

 private:
  std::unique_ptr<uint8_t[]> memory_;
  size_t capacity_;
};

struct Sample {
  const MessageType* type;
  std::vector<uint8_t> bytes;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> result;
    for (Golden& golden : all_golden()) {
      result.push_back({message_type(std::string_view(golden.message)), std::move(golden.bytes)});
    }
    return result;
  }();
  return all;
}

void check_decodes(const MessageType& type, Bytes bytes) {
  CountingSink sink;
  decode_message(type, bytes, sink);
  if (sink.values() == 0) report(__FILE__, __LINE__, "nothing decoded");
}

TEST(golden_messages_cut_at_every_byte) {
  Cornered corner(4096);
  for (const Sample& sample : samples()) {
    for (size_t length = 0; length <= sample.bytes.size(); length++) {
      const Bytes cut = corner.hold(Bytes(sample.bytes).first(length));
      check_decodes(*sample.type, cut);
      CHECK_EQUAL(round_trip_problem(*sample.type, cut), "");
    }
  }
}

TEST(golden_messages_with_every_offset_named) {
  Cornered corner(4096);
  for (const Sample& sample : samples()) locate_everywhere(*sample.type, corner.hold(sample.bytes));
}

// Every 16-bit word that could be a length becomes an unaligned, short or long one.
TEST(golden_messages_with_wrong_lengths) {
  Cornered corner(4096);
  for (const Sample& sample : samples()) {
    for (size_t at = NLMSG_HDRLEN; at + 2 <= sample.bytes.size(); at += 2) {
      uint16_t length = 0;
      std::memcpy(&length, sample.bytes.data() + at, sizeof length);
      for (const int wrong : {0, 1, 3, 4, 5, length - 1, length + 1, length + 2, length + 4, 65535}) {
        std::vector<uint8_t> bytes = sample.bytes;
        const auto written = static_cast<uint16_t>(wrong);
        std::memcpy(bytes.data() + at, &written, sizeof written);
        const Bytes changed = corner.hold(bytes);
        check_decodes(*sample.type, changed);
        locate(*sample.type, changed, static_cast<uint32_t>(at));
      }
    }
  }
}

// Random changes of golden messages, and random bytes; the seeds are fixed, so a failure comes again.
TEST(golden_messages_changed_at_random) {
  std::mt19937 random(20240601);
  Cornered corner(4096);
  for (int round = 0; round < 600000; round++) {
    const Sample& sample = samples()[random() % samples().size()];
    std::vector<uint8_t> bytes = sample.bytes;
    for (uint32_t changes = 1 + random() % 4; changes > 0; changes--) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    const Bytes changed = corner.hold(bytes);
    check_decodes(*sample.type, changed);
    locate(*sample.type, changed, random() % 512);
    locate_missing(*sample.type, changed, random() % 512, static_cast<uint16_t>(random() % 32));
    if (round % 16 == 0) CHECK_EQUAL(round_trip_problem(*sample.type, changed), "");
  }
}

TEST(random_bytes) {
  std::mt19937 random(20240602);
  const std::vector<const MessageType*> messages = all_messages();
  Cornered corner(4096);
  std::vector<uint8_t> bytes;
  for (int round = 0; round < 400000; round++) {
    bytes.resize(random() % 160);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    // Small numbers where lengths and types stand, or nearly all would end at the first attribute.
    for (size_t at = NLMSG_HDRLEN; at + 4 <= bytes.size(); at += 4) {
      if (random() % 2 != 0) continue;
      bytes[at] = static_cast<uint8_t>(4 + random() % 40);
      bytes[at + 1] = 0;
      bytes[at + 2] = static_cast<uint8_t>(random() % 32);
      bytes[at + 3] = 0;
    }
    const Bytes held = corner.hold(bytes);
    const MessageType& type = *messages[random() % messages.size()];
    check_decodes(type, held);
    locate(type, held, random() % 160);
    if (round % 16 == 0) CHECK_EQUAL(round_trip_problem(type, held), "");
  }
}

}  // namespace
}  // namespace netlink::test
