#include "kernel/short_cut.h"

#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "kernel/bpf.h"
#include "kernel/short_cut_program.h"

namespace kernel {

namespace {

// For who lists the system's programs. At most 15 characters.
constexpr const char* name = "csn_short_cut";

// A bridge has 1,024 ports at most; the rest are of ports that are gone.
constexpr uint32_t most_ports = 2048;

using Key = std::array<uint8_t, short_cut_key_size>;

// Forgets who is behind ports that are gone.
void tidy(int map) {
  std::vector<Key> keys;
  Key key{};
  for (const Key* last = nullptr; !bpf::next_key(map, last, &key); last = &keys.back()) {
    if (keys.size() == most_ports) break;
    keys.push_back(key);
  }
  for (const Key& one : keys) {
    ShortCutPort port = 0;
    std::array<char, IF_NAMESIZE> link{};
    if (bpf::read_entry(map, &one, &port)) continue;
    if (if_indextoname(port, link.data()) == nullptr && errno == ENXIO) bpf::delete_entry(map, &one);
  }
}

Failure enter(int map, const ShortCutMember& member) {
  Key key{};
  std::copy(member.hardware_address.begin(), member.hardware_address.end(), key.begin());
  const ShortCutPort port = member.interface;
  Failure failure = bpf::update_entry(map, &key, &port);
  if (failure.error != E2BIG) return failure;
  tidy(map);
  return bpf::update_entry(map, &key, &port);
}

}  // namespace

Failure create_short_cut(FileDescriptor& program) {
  FileDescriptor map;
  if (Failure failure = bpf::create_hash(name, sizeof(Key), sizeof(ShortCutPort), most_ports, map)) return failure;
  // The program keeps the table.
  return bpf::load_filter_program(name, short_cut_program(map.number()), program);
}

Failure open_short_cut(uint32_t id, FileDescriptor& program) { return bpf::open_program(id, program); }

Failure enter_short_cut(const NamespaceReference& where, int program, const std::vector<ShortCutMember>& members,
                        Thread& thread) {
  FileDescriptor map;
  if (Failure failure = bpf::open_map_of(program, map)) return failure;
  NamespaceVisit visit;
  if (Failure failure = visit.enter(where)) return failure;
  Failure failure;
  for (const ShortCutMember& member : members) {
    failure = enter(map.number(), member);
    if (failure) break;
  }
  thread = visit.leave();
  return failure;
}

}  // namespace kernel
