// What is done with a frame that comes from a port with a short cut.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <vector>

namespace kernel {

// Key of the table of ports: a hardware address, then two bytes of zero.
inline constexpr uint32_t short_cut_key_size = 8;
// Value: the index of the port it is behind.
using ShortCutPort = uint32_t;

// A frame for a hardware address in the table goes to the other end of that port's pair at once, as if it had come
// through the bridge (bpf_redirect_peer, bpf-helpers(7)); all others, also what is for everybody, take the usual way.
//
// @param map descriptor of the table
std::vector<bpf_insn> short_cut_program(int map);

}  // namespace kernel
