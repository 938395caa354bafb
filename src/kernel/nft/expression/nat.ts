/** Instructions that rewrite addresses and ports. Only in chains of type `nat`. */

import type { Expression } from './instruction.js';

/** NF_NAT_RANGE_* of linux/netfilter/nf_nat.h. */
const NF_NAT_RANGE_PROTO_SPECIFIED = 2;
const natFlags = { random: 4, persistent: 8, 'fully-random': 16, netmap: 64 } as const;

/** How the address and port are chosen; `netmap` keeps the host part of the address. */
export type NatFlag = keyof typeof natFlags;

/** Registers with the ports to choose from, first and last; only `port` is one port. */
export interface PortRegisters {
  readonly port?: number;
  readonly portMax?: number;
}

/** Registers with the addresses and ports to choose from, first and last. */
export interface NatRegisters extends PortRegisters {
  readonly address?: number;
  readonly addressMax?: number;
}

function flagBits(ports: PortRegisters, flags: readonly NatFlag[]): number | undefined {
  // nft sets the bit when a port is given; the kernel does so by itself, too.
  const bits = flags.reduce(
    (sum, flag) => sum | natFlags[flag],
    ports.port === undefined ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED,
  );
  return bits === 0 ? undefined : bits;
}

function portRegisters({ port, portMax }: PortRegisters): object {
  return { portMin: port, portMax: portMax ?? port };
}

/** Rewrites the address and, with `port`, the port, from registers. */
export const nat = (
  type: 'snat' | 'dnat',
  registers: NatRegisters,
  family: 'ip' | 'ip6' = 'ip',
  flags: readonly NatFlag[] = [],
): Expression => ({
  name: 'nat',
  data: {
    type,
    family,
    addressMin: registers.address,
    addressMax: registers.addressMax ?? registers.address,
    ...portRegisters(registers),
    flags: flagBits(registers, flags),
  },
});

/** Source NAT to the address of the outgoing interface. */
export const masquerade = (ports: PortRegisters = {}, flags: readonly NatFlag[] = []): Expression => ({
  name: 'masq',
  data: { ...portRegisters(ports), flags: flagBits(ports, flags) },
});

/** Destination NAT to the machine itself. */
export const redirect = (ports: PortRegisters = {}, flags: readonly NatFlag[] = []): Expression => ({
  name: 'redir',
  data: { ...portRegisters(ports), flags: flagBits(ports, flags) },
});
