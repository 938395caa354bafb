// A growing byte buffer that messages are appended to. Attributes are written in place and their lengths patched
// afterwards, so nothing is allocated per attribute.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace netlink {

class Buffer {
 public:
  size_t size() const { return bytes_.size(); }
  const uint8_t* data() const { return bytes_.data(); }
  std::span<const uint8_t> span() const { return bytes_; }
  void reserve(size_t capacity) { bytes_.reserve(capacity); }
  void clear() { bytes_.clear(); }
  void truncate(size_t size) { bytes_.resize(size); }
  std::vector<uint8_t> take() { return std::move(bytes_); }

  // Appends `size` zero bytes and returns their offset.
  size_t zeros(size_t size) {
    const size_t offset = bytes_.size();
    bytes_.resize(offset + size);
    return offset;
  }
  size_t append(const void* from, size_t size) {
    const size_t offset = zeros(size);
    if (size > 0) std::memcpy(bytes_.data() + offset, from, size);
    return offset;
  }
  template <typename T>
  void put(size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  void align() { bytes_.resize((bytes_.size() + 3) & ~size_t{3}); }

  // A whole attribute: header, payload, padding (nlattr, linux/netlink.h).
  void attribute(uint16_t type, const void* payload, size_t size) {
    const nlattr header{static_cast<uint16_t>(NLA_HDRLEN + size), type};
    append(&header, sizeof header);
    append(payload, size);
    align();
  }
  template <typename T>
  void attribute(uint16_t type, T value) {
    attribute(type, &value, sizeof value);
  }
  // Opens an attribute whose length is not known yet; returns its offset for `close`.
  size_t open(uint16_t type) {
    const nlattr header{NLA_HDRLEN, type};
    return append(&header, sizeof header);
  }
  // False when the attribute is longer than its 16-bit length can say.
  bool close(size_t offset) {
    const size_t length = bytes_.size() - offset;
    put(offset, static_cast<uint16_t>(length));
    align();
    return length <= UINT16_MAX;
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace netlink
