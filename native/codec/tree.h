// The two sides of a message that are not bytes: where values come from, and where they go.
//
// The codec knows neither JavaScript nor a JSON library. The addon implements these interfaces over N-API values, the
// unit tests over literal trees. A Handle is opaque to the codec and lives as long as the tree it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace netlink {

using Handle = const void*;
using Bytes = std::span<const uint8_t>;

// Read access to a tree of values.
class Source {
 public:
  enum class Type : uint8_t { absent, boolean, number, text, bytes, object, list, other };

  virtual ~Source() = default;
  // What `value` is; `absent` for a missing member (undefined or null in JavaScript).
  virtual Type type(Handle value) const = 0;
  virtual bool boolean(Handle value) const = 0;
  // The integer in `value`; false when it is no integer that 64 bits hold. Negative numbers arrive in two's complement
  // and set `negative`.
  virtual bool integer(Handle value, uint64_t& result, bool& negative) const = 0;
  // Copies text into `buffer` and returns the part used; text that does not fit returns a view with a null data
  // pointer.
  virtual std::string_view text(Handle value, std::span<char> buffer) const = 0;
  // Borrowed: valid until the tree changes.
  virtual Bytes bytes(Handle value) const = 0;
  virtual Handle member(Handle object, const char* name) const = 0;
  virtual size_t length(Handle list) const = 0;
  virtual Handle item(Handle list, size_t index) const = 0;
};

// Builds a tree of values.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Handle boolean(bool value) = 0;
  virtual Handle integer(uint64_t value) = 0;
  virtual Handle negative(int64_t value) = 0;
  virtual Handle text(std::string_view value) = 0;
  virtual Handle bytes(Bytes value) = 0;
  virtual Handle object() = 0;
  virtual Handle list() = 0;
  virtual void set(Handle object, const char* name, Handle value) = 0;
  virtual void append(Handle list, Handle value) = 0;
};

}  // namespace netlink
