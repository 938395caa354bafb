/** What rules ask most often, as instructions: the same ones nft makes of it, so that nft shows it as it would write it. */

import { registerLength, type TypeName } from '../type.js';
import { bitwise, cmp } from './compare.js';
import type { Expression } from './instruction.js';
import { bytesOf, ct, meta, payload } from './load.js';

/** `iifname "x"` / `oifname "x"`. */
export const interfaceIs = (key: 'iifname' | 'oifname', name: string): Expression[] => [
  meta(key),
  cmp('eq', bytesOf('ifname', name)),
];

/** `meta l4proto x`; what looks at ports must ask this first. */
export const protocolIs = (protocol: number): Expression[] => [
  meta('l4proto'),
  cmp('eq', bytesOf('inet_proto', protocol)),
];

/** The fields of the IPv4 header that rules look at: offset and length in bytes (RFC 791). */
export const ipv4 = {
  source: (register = 1) => payload('network', 12, 4, register),
  destination: (register = 1) => payload('network', 16, 4, register),
} as const;

/** The same of IPv6 (RFC 8200). An address fills a whole 16-byte register. */
export const ipv6 = {
  source: (register = 1) => payload('network', 8, 16, register),
  destination: (register = 1) => payload('network', 24, 16, register),
} as const;

/** Ports of TCP and UDP, at the same place in both (RFC 9293, RFC 768). */
export const transport = {
  sourcePort: (register = 1) => payload('transport', 0, 2, register),
  destinationPort: (register = 1) => payload('transport', 2, 2, register),
} as const;

/** The first `length` bits of `size` bytes set. */
export function maskBytes(size: number, length: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => {
    const bits = Math.min(8, Math.max(0, length - 8 * index));
    return (0xff00 >> bits) & 0xff;
  });
}

function within(load: Expression, address: Uint8Array, length: number): Expression[] {
  const mask = maskBytes(address.length, length);
  const network = address.map((byte, index) => byte & (mask[index] ?? 0));
  if (length === 8 * address.length) return [load, cmp('eq', network)];
  return [load, bitwise(mask, new Uint8Array(address.length)), cmp('eq', network)];
}

/** `ip saddr a.b.c.d/len`. */
export function ipv4In(field: 'source' | 'destination', address: string, length: number): Expression[] {
  return within(ipv4[field](), bytesOf('ipv4_addr', address), length);
}

/** `ip6 saddr a:b::c/len`. */
export function ipv6In(field: 'source' | 'destination', address: string, length: number): Expression[] {
  return within(ipv6[field](), bytesOf('ipv6_addr', address), length);
}

/** Bits of `ct state` (NF_CT_STATE_BIT of linux/netfilter/nf_tables.h) and `ct status` (IPS_* of nf_conntrack_common.h). */
export const connectionState = { invalid: 1, established: 2, related: 4, new: 8 } as const;
export const connectionStatus = { snat: 1 << 4, dnat: 1 << 5 } as const;

/** `ct state a,b` or `ct status x`: true when any of the bits is set. */
export function connectionHas(key: 'state' | 'status', bits: number): Expression[] {
  const zero = new Uint8Array(4);
  return [ct(key), bitwise(bytesOf('mark', bits), zero), cmp('neq', zero)];
}

/** Registers for the fields of a concatenation that begins at register 1, in nft's numbering. */
export function concatenationRegisters(types: readonly TypeName[], first = 0): number[] {
  let word = first;
  return types.map((type) => {
    const register = word % 4 === 0 ? word / 4 + 1 : word + 8;
    word += registerLength(type) / 4;
    return register;
  });
}
