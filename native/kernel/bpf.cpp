#include "kernel/bpf.h"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace kernel::bpf {

namespace {

uint64_t address(const void* memory) { return reinterpret_cast<uintptr_t>(memory); }

// Whatever a union does not name must be zero: the kernel refuses what it does not know.
bpf_attr nothing() {
  bpf_attr attributes;
  std::memset(&attributes, 0, sizeof attributes);
  return attributes;
}

int call(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

Failure outcome(int result, const char* what) { return result < 0 ? Failure{errno, what} : Failure{}; }

void set_name(char (&place)[BPF_OBJ_NAME_LEN], const char* name) {
  const std::string_view text(name);
  text.copy(place, BPF_OBJ_NAME_LEN - 1);
}

Failure opened(int result, const char* what, FileDescriptor& descriptor) {
  if (result < 0) return {errno, what};
  descriptor = FileDescriptor(result);
  return {};
}

bpf_attr entry(int map, const void* key, const void* value) {
  bpf_attr attributes = nothing();
  attributes.map_fd = static_cast<uint32_t>(map);
  attributes.key = address(key);
  attributes.value = address(value);
  return attributes;
}

}  // namespace

Failure create_hash(const char* name, uint32_t key_size, uint32_t value_size, uint32_t most_entries,
                    FileDescriptor& map) {
  bpf_attr attributes = nothing();
  attributes.map_type = BPF_MAP_TYPE_HASH;
  attributes.key_size = key_size;
  attributes.value_size = value_size;
  attributes.max_entries = most_entries;
  attributes.map_flags = BPF_F_NO_PREALLOC;
  set_name(attributes.map_name, name);
  return opened(call(BPF_MAP_CREATE, attributes), "BPF_MAP_CREATE", map);
}

Failure update_entry(int map, const void* key, const void* value) {
  bpf_attr attributes = entry(map, key, value);
  return outcome(call(BPF_MAP_UPDATE_ELEM, attributes), "BPF_MAP_UPDATE_ELEM");
}

Failure delete_entry(int map, const void* key) {
  bpf_attr attributes = entry(map, key, nullptr);
  return outcome(call(BPF_MAP_DELETE_ELEM, attributes), "BPF_MAP_DELETE_ELEM");
}

Failure read_entry(int map, const void* key, void* value) {
  bpf_attr attributes = entry(map, key, value);
  return outcome(call(BPF_MAP_LOOKUP_ELEM, attributes), "BPF_MAP_LOOKUP_ELEM");
}

Failure next_key(int map, const void* key, void* next) {
  bpf_attr attributes = entry(map, key, next);
  return outcome(call(BPF_MAP_GET_NEXT_KEY, attributes), "BPF_MAP_GET_NEXT_KEY");
}

Failure load_filter_program(const char* name, const std::vector<bpf_insn>& instructions, FileDescriptor& program) {
  bpf_attr attributes = nothing();
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insn_cnt = static_cast<uint32_t>(instructions.size());
  attributes.insns = address(instructions.data());
  attributes.license = address("Apache-2.0");
  set_name(attributes.prog_name, name);
  return opened(call(BPF_PROG_LOAD, attributes), "BPF_PROG_LOAD", program);
}

Failure open_program(uint32_t id, FileDescriptor& program) {
  bpf_attr attributes = nothing();
  attributes.prog_id = id;
  return opened(call(BPF_PROG_GET_FD_BY_ID, attributes), "BPF_PROG_GET_FD_BY_ID", program);
}

Failure open_map_of(int program, FileDescriptor& map) {
  uint32_t id = 0;
  bpf_prog_info information;
  std::memset(&information, 0, sizeof information);
  information.nr_map_ids = 1;
  information.map_ids = address(&id);
  bpf_attr attributes = nothing();
  attributes.info.bpf_fd = static_cast<uint32_t>(program);
  attributes.info.info_len = sizeof information;
  attributes.info.info = address(&information);
  if (Failure failure = outcome(call(BPF_OBJ_GET_INFO_BY_FD, attributes), "BPF_OBJ_GET_INFO_BY_FD")) return failure;
  bpf_attr place = nothing();
  place.map_id = id;
  return opened(call(BPF_MAP_GET_FD_BY_ID, place), "BPF_MAP_GET_FD_BY_ID", map);
}

}  // namespace kernel::bpf
