#include "kernel/short_cut_program.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include <cstddef>

namespace kernel {

namespace {

enum Register : uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, stack = BPF_REG_10 };

// What else there is may have the frame.
constexpr int32_t next = TC_ACT_UNSPEC;

// Place of the key on the stack: the destination's address.
constexpr int16_t key = -static_cast<int16_t>(short_cut_key_size);

bpf_insn instruction(int code, Register destination = r0, Register source = r0, int16_t offset = 0, int32_t value = 0) {
  bpf_insn result{};
  result.code = static_cast<uint8_t>(code);
  result.dst_reg = destination & 0xF;
  result.src_reg = source & 0xF;
  result.off = offset;
  result.imm = value;
  return result;
}

bpf_insn load(int size, Register destination, Register source, size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | size, destination, source, static_cast<int16_t>(offset));
}
bpf_insn store(int size, Register source, int16_t offset) {
  return instruction(BPF_STX | BPF_MEM | size, stack, source, offset);
}
bpf_insn copy(Register destination, Register source) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_X, destination, source);
}
bpf_insn set(Register destination, int32_t value) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_K, destination, r0, 0, value);
}
bpf_insn add(Register destination, int32_t value) {
  return instruction(BPF_ALU64 | BPF_ADD | BPF_K, destination, r0, 0, value);
}
bpf_insn call(int32_t helper) { return instruction(BPF_JMP | BPF_CALL, r0, r0, 0, helper); }
bpf_insn leave() { return instruction(BPF_JMP | BPF_EXIT); }

// A jump to where the frame is given up, which is known when all is there.
bpf_insn give_up_if(int condition, Register left, Register right, int32_t value = 0) {
  return instruction(BPF_JMP | condition, left, right, 0, value);
}

bool gives_up(const bpf_insn& one) {
  const int operation = BPF_OP(one.code);
  return BPF_CLASS(one.code) == BPF_JMP && operation != BPF_CALL && operation != BPF_EXIT;
}

}  // namespace

std::vector<bpf_insn> short_cut_program(int map) {
  std::vector<bpf_insn> program = {
      copy(r6, r1),
      load(BPF_W, r2, r6, offsetof(__sk_buff, data)),
      load(BPF_W, r3, r6, offsetof(__sk_buff, data_end)),
      copy(r4, r2),
      add(r4, ETH_HLEN),
      give_up_if(BPF_JGT | BPF_X, r4, r3),
      // The lowest bit of an address' first byte: for more than one.
      load(BPF_B, r5, r2, 0),
      give_up_if(BPF_JSET | BPF_K, r5, r0, 1),
      load(BPF_W, r5, r2, 0),
      store(BPF_W, r5, key),
      load(BPF_H, r5, r2, 4),
      store(BPF_W, r5, key + 4),
      // Two instructions: a number of 64 bits, here the table.
      instruction(BPF_LD | BPF_DW | BPF_IMM, r1, static_cast<Register>(BPF_PSEUDO_MAP_FD), 0, map),
      instruction(0),
      copy(r2, stack),
      add(r2, key),
      call(BPF_FUNC_map_lookup_elem),
      give_up_if(BPF_JEQ | BPF_K, r0, r0, 0),
      load(BPF_W, r7, r0, 0),
      // To itself, whoever is behind a port may talk as well by the usual way.
      load(BPF_W, r5, r6, offsetof(__sk_buff, ifindex)),
      give_up_if(BPF_JEQ | BPF_X, r5, r7),
      // It came to the port as a frame for somebody else, and the IP layer drops such frames.
      copy(r1, r6),
      set(r2, PACKET_HOST),
      call(BPF_FUNC_skb_change_type),
      copy(r1, r7),
      set(r2, 0),
      call(BPF_FUNC_redirect_peer),
      leave(),
  };
  const size_t end = program.size();
  for (size_t index = 0; index < end; ++index) {
    if (gives_up(program[index])) program[index].off = static_cast<int16_t>(end - index - 1);
  }
  program.push_back(set(r0, next));
  program.push_back(leave());
  return program;
}

}  // namespace kernel
