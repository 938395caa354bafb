#include <algorithm>

#include "addon/call.h"
#include "addon/errors.h"
#include "addon/functions.h"
#include "addon/values.h"
#include "kernel/file_batch.h"

namespace addon {

namespace {

// Paths in one text, separated by NUL; the contents one after the other, with the size of each. Thousands of objects
// would take longer to read than the files to write.
bool read_batch(napi_env env, napi_value value, kernel::FileBatch& batch) {
  std::string paths;
  void* contents = nullptr;
  size_t length = 0;
  napi_typedarray_type type{};
  void* sizes = nullptr;
  size_t count = 0;
  bool is_buffer = false;
  bool is_array = false;
  napi_value bytes = member(env, value, "contents");
  napi_value list = member(env, value, "sizes");
  if (!read_text(env, member(env, value, "root"), batch.root) || !read_text(env, member(env, value, "paths"), paths) ||
      bytes == nullptr || list == nullptr || napi_is_buffer(env, bytes, &is_buffer) != napi_ok || !is_buffer ||
      napi_get_buffer_info(env, bytes, &contents, &length) != napi_ok ||
      napi_is_typedarray(env, list, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, list, &type, &count, &sizes, nullptr, nullptr) != napi_ok ||
      type != napi_uint32_array) {
    return false;
  }
  const auto* size = static_cast<const uint32_t*>(sizes);
  batch.contents.assign(static_cast<const uint8_t*>(contents), static_cast<const uint8_t*>(contents) + length);
  batch.files.reserve(count);
  size_t start = 0;
  size_t offset = 0;
  for (size_t index = 0; index < count; ++index) {
    const size_t end = std::min(paths.find('\0', start), paths.size());
    if (end == start || size[index] > length - offset) return false;
    batch.files.push_back({paths.substr(start, end - start), offset, size[index]});
    start = std::min(end + 1, paths.size());
    offset += size[index];
  }
  return start == paths.size() && offset == length;
}

constexpr const char* expected_batch = "expected { root, paths, contents, sizes }, as many sizes as paths";

Napi::Value build(const Napi::CallbackInfo& info) {
  struct State {
    kernel::FileBatch batch;
    bool flush = false;
  };
  const napi_env env = info.Env();
  State state;
  if (!read_batch(env, info[0], state.batch) || !read_boolean(env, info[1], state.flush)) {
    throw_type_error(env, expected_batch);
    return {};
  }
  return {env, call<State>(
                   env, std::move(state),
                   [](State& given, kernel::Thread&) { return kernel::build_files(given.batch, given.flush); },
                   [](napi_env answered, State&) { return undefined(answered); })};
}

// A byte for each file, found on a thread.
template <typename Finding, kernel::Failure (*work)(const kernel::FileBatch&, std::vector<Finding>&)>
Napi::Value find(const Napi::CallbackInfo& info) {
  static_assert(sizeof(Finding) == 1);
  struct State {
    kernel::FileBatch batch;
    std::vector<Finding> findings;
  };
  const napi_env env = info.Env();
  State state;
  if (!read_batch(env, info[0], state.batch)) {
    throw_type_error(env, expected_batch);
    return {};
  }
  return {env,
          call<State>(
              env, std::move(state), [](State& given, kernel::Thread&) { return work(given.batch, given.findings); },
              [](napi_env answered, State& given) {
                void* bytes = nullptr;
                napi_value buffer = nullptr;
                napi_create_buffer_copy(answered, given.findings.size(), given.findings.data(), &bytes, &buffer);
                return buffer;
              })};
}

Napi::Value flush(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  kernel::FileBatch batch;
  if (!read_batch(env, info[0], batch)) {
    throw_type_error(env, expected_batch);
    return {};
  }
  return {env, call<kernel::FileBatch>(
                   env, std::move(batch),
                   [](kernel::FileBatch& given, kernel::Thread&) { return kernel::flush_files(given); },
                   [](napi_env answered, kernel::FileBatch&) { return undefined(answered); })};
}

}  // namespace

void export_files(Napi::Env env, Napi::Object exports) {
  exports.Set("buildFiles", Napi::Function::New<build>(env, "buildFiles"));
  exports.Set("compareFiles", Napi::Function::New<find<kernel::FileState, kernel::compare_files>>(env, "compareFiles"));
  exports.Set("removeFiles", Napi::Function::New<find<kernel::Removal, kernel::remove_files>>(env, "removeFiles"));
  exports.Set("flushFiles", Napi::Function::New<flush>(env, "flushFiles"));
}

}  // namespace addon
