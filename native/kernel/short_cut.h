// A short cut between ports of a bridge: a frame for somebody behind another port goes there at once, past the bridge
// and past the second of two queues. Ports are ends of veth pairs, and the other ends are in other namespaces.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/failure.h"
#include "kernel/file_descriptor.h"
#include "kernel/hardware_address.h"
#include "kernel/namespace_visit.h"

namespace kernel {

struct ShortCutMember {
  uint32_t interface = 0;              // index of the port, in the namespace
  HardwareAddress hardware_address{};  // of the other end of its pair
};

// A new short cut's program, which knows nobody yet, to be made a filter at the ingress of its ports. It lives as long
// as the filter or a descriptor. EPERM or ENOSYS where programs may not be loaded.
Failure create_short_cut(FileDescriptor& program);

// That of a short cut that is there, by the kernel's number of the program. ENOENT when there is none.
Failure open_short_cut(uint32_t id, FileDescriptor& program);

// Enters who is behind which port. That is said by the caller, nothing is learned from frames: so nobody can draw other
// people's frames to himself. Ports of the namespace that are gone make room when it is needed; E2BIG when there is
// none.
Failure enter_short_cut(const NamespaceReference& where, int program, const std::vector<ShortCutMember>& members,
                        Thread& thread);

}  // namespace kernel
