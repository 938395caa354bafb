// The few system calls of bpf(2) that a program for packets needs (linux/bpf.h).
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <vector>

#include "kernel/failure.h"
#include "kernel/file_descriptor.h"

namespace kernel::bpf {

// A hash table whose room is taken as entries come.
Failure create_hash(const char* name, uint32_t key_size, uint32_t value_size, uint32_t most_entries,
                    FileDescriptor& map);
// E2BIG when it is full.
Failure update_entry(int map, const void* key, const void* value);
// ENOENT when it is not there.
Failure delete_entry(int map, const void* key);
// The value of a key. ENOENT when it is not there.
Failure read_entry(int map, const void* key, void* value);
// The key after `key`, the first one for nullptr. ENOENT at the end.
Failure next_key(int map, const void* key, void* next);

// A program for a filter of packets. EINVAL or EACCES when the kernel's verifier refuses it.
Failure load_filter_program(const char* name, const std::vector<bpf_insn>& instructions, FileDescriptor& program);
// ENOENT when there is none of that number.
Failure open_program(uint32_t id, FileDescriptor& program);
// The first of the tables that a program uses. ENOENT when it uses none.
Failure open_map_of(int program, FileDescriptor& map);

}  // namespace kernel::bpf
