// A sink that keeps nothing, but reads every byte it is given, so that a sanitizer sees a range that is not there.
#pragma once

#include "codec/tree.h"

namespace netlink::test {

class CountingSink : public Sink {
 public:
  Handle boolean(bool value) override { return count(value ? 1 : 0); }
  Handle integer(uint64_t value) override { return count(value); }
  Handle negative(int64_t value) override { return count(static_cast<uint64_t>(value)); }
  Handle text(std::string_view value) override {
    for (const char character : value) sum_ += static_cast<unsigned char>(character);
    return count(0);
  }
  Handle bytes(Bytes value) override {
    for (const uint8_t byte : value) sum_ += byte;
    return count(0);
  }
  Handle object() override { return count(0); }
  Handle list() override { return count(0); }
  void set(Handle /*object*/, const char* name, Handle /*value*/) override { sum_ += name[0]; }
  void append(Handle /*list*/, Handle /*value*/) override {}

  uint64_t sum() const { return sum_; }
  uint64_t values() const { return values_; }

 private:
  Handle count(uint64_t value) {
    sum_ += value;
    values_++;
    return this;
  }
  uint64_t sum_ = 0;
  uint64_t values_ = 0;
};

}  // namespace netlink::test
