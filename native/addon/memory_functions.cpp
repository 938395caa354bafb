#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "addon/functions.h"

namespace addon {

namespace {

Napi::Value trim_memory(const Napi::CallbackInfo& info) {
  // glibc keeps what was freed between two blocks in use, and in the arenas of threads all of it, for as long as the
  // process lives.
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return info.Env().Undefined();
}

}  // namespace

void export_memory(Napi::Env env, Napi::Object exports) {
  exports.Set("trimMemory", Napi::Function::New<trim_memory>(env, "trimMemory"));
}

}  // namespace addon
