/** Values the whole program speaks in, each already validated. */

/** A VLAN as the contract means it: a tag 1–4094, or the bare device. */
export type Vlan = number | 'untagged';

/** An inclusive range of ports, 1–65535; one port is a range of length one. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A protocol a port forward can have. */
export type ForwardProtocol = 'tcp' | 'udp';

/** A prefix. Of IPv4 as written, the address may have host bits set; of IPv6 with its host bits cleared. */
export interface Cidr {
  readonly address: string;
  readonly prefix: number;
}
