// The codec's trees (codec/tree.h) over JavaScript values. A Handle is a napi_value of the handle scope that is open.
#pragma once

#include <node_api.h>

#include <cstddef>

#include "codec/tree.h"

namespace addon {

// Reads plain objects. A getter or proxy that throws leaves its exception pending, and the member reads as absent: look
// for a pending exception after encoding.
class JavaScriptSource : public netlink::Source {
 public:
  explicit JavaScriptSource(napi_env env) : env_(env) {}

  // Arrays are lists, typed arrays and DataViews are bytes, numbers and BigInts are numbers, undefined and null are
  // absent.
  Type type(netlink::Handle value) const override;
  bool boolean(netlink::Handle value) const override;
  bool integer(netlink::Handle value, uint64_t& result, bool& negative) const override;
  std::string_view text(netlink::Handle value, std::span<char> buffer) const override;
  netlink::Bytes bytes(netlink::Handle value) const override;
  netlink::Handle member(netlink::Handle object, const char* name) const override;
  size_t length(netlink::Handle list) const override;
  netlink::Handle item(netlink::Handle list, size_t index) const override;

 private:
  napi_env env_;
};

// Makes plain objects, arrays, strings, Uint8Arrays, and numbers; BigInts for integers beyond 2^53 - 1.
class JavaScriptSink : public netlink::Sink {
 public:
  explicit JavaScriptSink(napi_env env) : env_(env) {}

  netlink::Handle boolean(bool value) override;
  netlink::Handle integer(uint64_t value) override;
  netlink::Handle negative(int64_t value) override;
  netlink::Handle text(std::string_view value) override;
  netlink::Handle bytes(netlink::Bytes value) override;
  netlink::Handle object() override;
  netlink::Handle list() override;
  void set(netlink::Handle object, const char* name, netlink::Handle value) override;
  void append(netlink::Handle list, netlink::Handle value) override;

 private:
  napi_env env_;
};

}  // namespace addon
