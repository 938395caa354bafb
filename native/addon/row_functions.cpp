#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/values.h"
#include "json/row_reader.h"

namespace addon {

namespace {

struct KindName {
  const char* name;
  json::ColumnKind kind;
};
constexpr KindName kind_names[] = {
    {"text", json::ColumnKind::text},
    {"integer", json::ColumnKind::integer},
    {"networks", json::ColumnKind::networks},
};

bool read_column(napi_env env, napi_value value, json::Column& column) {
  std::string kind;
  if (!read_text(env, member(env, value, "name"), column.name) || !read_text(env, member(env, value, "kind"), kind) ||
      !read_boolean(env, member(env, value, "isRequired"), column.required)) {
    return false;
  }
  for (const KindName& known : kind_names) {
    if (kind != known.name) continue;
    column.kind = known.kind;
    return true;
  }
  return false;
}

bool read_columns(napi_env env, napi_value value, std::vector<json::Column>& columns) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok || count > json::most_columns) return false;
  columns.resize(count);
  for (uint32_t index = 0; index < count; index++) {
    napi_value item = nullptr;
    if (napi_get_element(env, value, index, &item) != napi_ok || !read_column(env, item, columns[index])) return false;
  }
  return true;
}

// Typed arrays in one block of memory: each block of its own would be known to the garbage collector. The widest
// elements come first, so that all of them are aligned.
class Arrays {
 public:
  Arrays(napi_env env, size_t bytes) : env_(env) {
    void* data = nullptr;
    if (napi_create_arraybuffer(env, bytes, &data, &buffer_) == napi_ok) free_ = {static_cast<uint8_t*>(data), bytes};
  }

  template <typename Element>
  napi_value add(napi_typedarray_type type, const std::vector<Element>& elements) {
    const size_t bytes = elements.size() * sizeof(Element);
    if (bytes > free_.size()) return nullptr;
    if (bytes > 0) std::memcpy(free_.data(), elements.data(), bytes);
    free_ = free_.subspan(bytes);
    napi_value result = nullptr;
    napi_create_typedarray(env_, type, elements.size(), buffer_, used_, &result);
    used_ += bytes;
    return result;
  }

 private:
  napi_env env_;
  napi_value buffer_ = nullptr;
  std::span<uint8_t> free_;
  size_t used_ = 0;
};

size_t bytes_of(const json::ColumnContent& content) {
  return content.integers.size() * sizeof(double) +
         (content.places.size() + content.starts.size() + content.addresses.size()) * sizeof(uint32_t) +
         content.prefixes.size();
}

napi_value columns_value(napi_env env, const json::Rows& rows, std::span<const json::Column> columns) {
  size_t bytes = 0;
  for (const json::ColumnContent& content : rows.columns) bytes += bytes_of(content);
  Arrays arrays(env, bytes);
  std::vector<napi_value> values(columns.size());
  const auto each = [&](json::ColumnKind kind, auto&& make) {
    for (size_t index = 0; index < columns.size(); index++) {
      if (columns[index].kind == kind) make(values[index], rows.columns[index]);
    }
  };
  each(json::ColumnKind::integer, [&](napi_value& value, const json::ColumnContent& content) {
    value = arrays.add(napi_float64_array, content.integers);
  });
  each(json::ColumnKind::text, [&](napi_value& value, const json::ColumnContent& content) {
    value = arrays.add(napi_int32_array, content.places);
  });
  each(json::ColumnKind::networks, [&](napi_value& value, const json::ColumnContent& content) {
    value = object(env);
    set(env, value, "starts", arrays.add(napi_uint32_array, content.starts));
    set(env, value, "addresses", arrays.add(napi_uint32_array, content.addresses));
  });
  each(json::ColumnKind::networks, [&](napi_value& value, const json::ColumnContent& content) {
    set(env, value, "prefixes", arrays.add(napi_uint8_array, content.prefixes));
  });
  const napi_value result = list(env, values.size());
  for (uint32_t index = 0; index < values.size(); index++) napi_set_element(env, result, index, values[index]);
  return result;
}

napi_value texts_value(napi_env env, std::span<const std::string_view> texts) {
  const napi_value result = list(env, texts.size());
  for (uint32_t index = 0; index < texts.size(); index++) {
    napi_value value = nullptr;
    // They are ASCII.
    napi_create_string_latin1(env, texts[index].data(), texts[index].size(), &value);
    napi_set_element(env, result, index, value);
  }
  return result;
}

Napi::Value read_rows(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (napi_get_typedarray_info(env, info[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    throw_type_error(env, "json: expected a Uint8Array");
    return {};
  }
  std::string name;
  const bool has_name = !is_absent(env, info[1]);
  if (has_name && !read_text(env, info[1], name)) {
    throw_type_error(env, "list: expected a text");
    return {};
  }
  std::vector<json::Column> columns;
  if (!read_columns(env, info[2], columns)) {
    throw_type_error(env, "columns: expected up to 64 of { name, kind, isRequired }");
    return {};
  }
  const std::string_view document(static_cast<const char*>(data), length);
  const auto rows = json::read_rows(document, has_name ? std::optional<std::string_view>(name) : std::nullopt, columns);
  if (!rows) return info.Env().Undefined();
  const napi_value result = object(env);
  set(env, result, "count", number(env, rows->count));
  set(env, result, "texts", texts_value(env, rows->texts));
  set(env, result, "columns", columns_value(env, *rows, columns));
  set(env, result, "listStart", number(env, static_cast<double>(rows->list_start)));
  set(env, result, "listEnd", number(env, static_cast<double>(rows->list_end)));
  return {env, result};
}

}  // namespace

void export_rows(Napi::Env env, Napi::Object exports) {
  exports.Set("readRows", Napi::Function::New<read_rows>(env, "readRows"));
}

}  // namespace addon
