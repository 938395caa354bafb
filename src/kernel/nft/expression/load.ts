/** Instructions that load something into a register, and those that write a register back. */

import { dataTypes, type TypeName, type Value, writeKey } from '../type.js';
import type { Verdict } from '../verdict.js';
import type { Expression } from './instruction.js';

/** Properties of a packet (NFT_META_*). */
export type MetaKey =
  | 'length'
  | 'protocol'
  | 'priority'
  | 'mark'
  | 'iif'
  | 'oif'
  | 'iifname'
  | 'oifname'
  | 'iiftype'
  | 'oiftype'
  | 'skuid'
  | 'skgid'
  | 'nftrace'
  | 'nfproto'
  | 'l4proto'
  | 'pkttype'
  | 'cpu'
  | 'iifgroup'
  | 'oifgroup';

/** Properties of a connection (NFT_CT_*). */
export type ConnectionKey =
  | 'state'
  | 'direction'
  | 'status'
  | 'mark'
  | 'expiration'
  | 'l3proto'
  | 'protocol'
  | 'proto-src'
  | 'proto-dst'
  | 'packets'
  | 'bytes'
  | 'zone'
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  | 'id';

type PayloadBase = 'link' | 'network' | 'transport';

/** Bytes of one value of a type. */
export function bytesOf(type: TypeName, value: Value): Uint8Array {
  const bytes = new Uint8Array(dataTypes[type].length);
  writeKey([type], [value], bytes, 0);
  return bytes;
}

/** Loads a packet's or interface's property into a register. */
export const meta = (key: MetaKey, destination = 1): Expression => ({ name: 'meta', data: { key, destination } });

/** Sets a packet's property from a register. */
export const setMeta = (key: 'mark' | 'priority' | 'nftrace' | 'pkttype', source = 1): Expression => ({
  name: 'meta',
  data: { key, source },
});

/** Loads a property of the packet's connection. Addresses and ports need the direction. */
export const ct = (key: ConnectionKey, destination = 1, direction?: 'original' | 'reply'): Expression => ({
  name: 'ct',
  data: { destination, key, direction },
});

/** Sets a property of the packet's connection from a register. */
export const setCt = (key: 'mark' | 'zone', source = 1): Expression => ({ name: 'ct', data: { key, source } });

/** Loads bytes of a header. Offset and length in bytes. */
export const payload = (base: PayloadBase, offset: number, length: number, destination = 1): Expression => ({
  name: 'payload',
  data: { destination, base, offset, length },
});

/**
 * Writes bytes of a header from a register.
 *
 * @param checksum where the header's own internet checksum stands (10 in IPv4); `pseudo` when the bytes also count in the checksum
 *   of TCP and UDP, as addresses do
 */
export const setPayload = (
  base: PayloadBase,
  offset: number,
  length: number,
  source = 1,
  checksum?: { readonly offset: number; readonly pseudo?: boolean },
): Expression => ({
  name: 'payload',
  data: {
    source,
    base,
    offset,
    length,
    // NFT_PAYLOAD_CSUM_INET, NFT_PAYLOAD_L4CSUM_PSEUDOHDR
    checksumType: checksum === undefined ? 0 : 1,
    checksumOffset: checksum?.offset ?? 0,
    checksumFlags: checksum?.pseudo === true ? 1 : 0,
  },
});

/** Loads a constant into a register. */
export const immediate = (value: Uint8Array, destination = 1): Expression => ({
  name: 'immediate',
  data: { destination, data: { value } },
});

/** Decides. */
export const verdict = (decision: Verdict): Expression => ({
  name: 'immediate',
  data: { destination: 0, data: { verdict: decision } },
});

/** NFTA_FIB_F_* of linux/netfilter/nf_tables.h. */
const fibFlags = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16 } as const;

/**
 * Loads the result of a route lookup for the packet: the outgoing link's index or name, or the type of the address (RTN_*, in
 * host order: 1 unicast, 2 local, 3 broadcast, …).
 *
 * @param by what the lookup is made with: one of `saddr` and `daddr`, and what else is to be regarded
 */
export const fib = (
  result: 'oif' | 'oifname' | 'type',
  by: readonly (keyof typeof fibFlags)[],
  destination = 1,
): Expression => ({
  name: 'fib',
  data: { destination, result, flags: by.reduce((flags, word) => flags | fibFlags[word], 0) },
});

/**
 * Looks the register up in a set; stops the rule when it is not there. With `destination`, loads the map's data; 0 decides with the
 * map's verdict.
 */
export const lookup = (set: string, source = 1, destination?: number): Expression => ({
  name: 'lookup',
  data: { source, destination, set },
});

/** Stops the rule when the register is in the set. */
export const notIn = (set: string, source = 1): Expression => ({
  name: 'lookup',
  // NFT_LOOKUP_F_INV
  data: { source, set, flags: 1 },
});
