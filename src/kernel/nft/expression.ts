/**
 * Expressions: the instructions a rule is made of. Each function returns one instruction as the kernel takes it; a rule is a list
 * of them. Registers are numbers: 1–4 are the 16-byte registers (NFT_REG_1…4), 8–23 the 4-byte ones (NFT_REG32_00…15) over the
 * same memory, 0 the verdict.
 */

import { dataTypes, registerLength, type TypeName, type Value, writeKey } from './type.js';

/** One instruction: the expression's name in the kernel and its attributes (native/codec/nft/expression.cpp). */
export interface Expression {
  readonly name: string;
  readonly data?: object;
}

/** A verdict: what becomes of the packet, or where evaluation goes on. */
export type Verdict =
  | { readonly code: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly code: 'jump' | 'goto'; readonly chain: string };

export const accept: Verdict = { code: 'accept' };
export const drop: Verdict = { code: 'drop' };
/** Calls a chain and comes back. */
export const jump = (chain: string): Verdict => ({ code: 'jump', chain });

type Comparison = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte';

/** Bytes of one value of a type. */
export function bytesOf(type: TypeName, value: Value): Uint8Array {
  const bytes = new Uint8Array(dataTypes[type].length);
  writeKey([type], [value], bytes, 0);
  return bytes;
}

/** Loads a packet's or interface's property into a register. */
export const meta = (key: string, destination = 1): Expression => ({ name: 'meta', data: { key, destination } });
/** Loads a property of the packet's connection. */
export const ct = (key: string, destination = 1, direction?: 'original' | 'reply'): Expression => ({
  name: 'ct',
  data: { destination, key, direction },
});
/** Loads bytes of a header. Offset and length in bytes. */
export const payload = (
  base: 'link' | 'network' | 'transport',
  offset: number,
  length: number,
  destination = 1,
): Expression => ({ name: 'payload', data: { destination, base, offset, length } });
/** Stops the rule unless the register compares as said. */
export const cmp = (operator: Comparison, value: Uint8Array, source = 1): Expression => ({
  name: 'cmp',
  data: { source, operator, data: { value } },
});
/** Stops the rule unless the register lies in (`eq`) or out of (`neq`) an inclusive range. */
export const range = (operator: 'eq' | 'neq', from: Uint8Array, to: Uint8Array, source = 1): Expression => ({
  name: 'range',
  data: { source, operator, from: { value: from }, to: { value: to } },
});
/** destination = source & mask ^ xor. */
export const bitwise = (mask: Uint8Array, xor: Uint8Array, source = 1, destination = 1): Expression => ({
  name: 'bitwise',
  data: { source, destination, length: mask.length, mask: { value: mask }, xor: { value: xor } },
});
/** Changes the byte order of a register; length and size in bytes. */
export const byteorder = (
  operator: 'ntoh' | 'hton',
  length: number,
  size: number,
  source = 1,
  destination = 1,
): Expression => ({
  name: 'byteorder',
  data: { source, destination, operator, length, size },
});
/** Looks the register up in a set; stops the rule when it is not there. With `destination`, loads the map's data; 0 = verdict. */
export const lookup = (set: string, source = 1, destination?: number): Expression => ({
  name: 'lookup',
  data: { source, destination, set },
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
/** Rewrites the address and, with `port`, the port, from registers. */
export const nat = (
  type: 'snat' | 'dnat',
  registers: {
    readonly address?: number;
    readonly addressMax?: number;
    readonly port?: number;
    readonly portMax?: number;
  },
  family: 'ip' | 'ip6' = 'ip',
): Expression => ({
  name: 'nat',
  data: {
    type,
    family,
    addressMin: registers.address,
    addressMax: registers.addressMax ?? registers.address,
    portMin: registers.port,
    portMax: registers.portMax ?? registers.port,
    // NF_NAT_RANGE_PROTO_SPECIFIED (linux/netfilter/nf_nat.h) is what nft sets when a port is given.
    flags: registers.port === undefined ? undefined : 2,
  },
});
/** Source NAT to the address of the outgoing interface. */
export const masquerade = (): Expression => ({ name: 'masq', data: {} });
/** Destination NAT to the machine itself. */
export const redirect = (port?: number): Expression => ({
  name: 'redir',
  data: port === undefined ? {} : { portMin: port, flags: 2 },
});
/** Counts packets and bytes. */
export const counter = (): Expression => ({ name: 'counter', data: { bytes: 0, packets: 0 } });
/** Passes at most `rate` packets a `unit` of seconds. */
export const limit = (rate: number, unit: number, burst = 5): Expression => ({
  name: 'limit',
  data: { rate, unit, burst, type: 'packets' },
});
/** Writes to the kernel log. */
export const log = (prefix: string): Expression => ({ name: 'log', data: { prefix } });
/** Answers with an ICMP error (code of RFC 792 type 3) or a TCP reset. */
export const reject = (type: 'icmp' | 'tcp reset' | 'icmpx', code = 0): Expression => ({
  name: 'reject',
  data: { type, code },
});
/** Keeps the packet out of connection tracking. */
export const notrack = (): Expression => ({ name: 'notrack' });
/** Loads the result of a route lookup. `flags` are NFTA_FIB_F_*: 1 saddr, 2 daddr, 8 iif. */
export const fib = (result: 'oif' | 'oifname' | 'type', flags: number, destination = 1): Expression => ({
  name: 'fib',
  data: { destination, result, flags },
});
/** Uses a named object, e.g. a counter (type 1). */
export const objectReference = (object: string, type: number): Expression => ({
  name: 'objref',
  data: { type, object },
});

/** `iifname "x"` / `oifname "x"`. */
export const interfaceIs = (key: 'iifname' | 'oifname', name: string): Expression[] => [
  meta(key),
  cmp('eq', bytesOf('ifname', name)),
];

/** The fields of the IPv4 header that rules look at: offset and length in bytes (RFC 791). */
export const ipv4 = {
  source: (register = 1) => payload('network', 12, 4, register),
  destination: (register = 1) => payload('network', 16, 4, register),
} as const;

/** Ports of TCP and UDP, at the same place in both (RFC 9293, RFC 768). */
export const transport = {
  sourcePort: (register = 1) => payload('transport', 0, 2, register),
  destinationPort: (register = 1) => payload('transport', 2, 2, register),
} as const;

/** `ip saddr a.b.c.d/len`: masks unless the prefix ends on a byte, as nft does. */
export function ipv4In(field: 'source' | 'destination', address: string, length: number): Expression[] {
  const value = bytesOf('ipv4_addr', address);
  const mask = Uint8Array.from({ length: 4 }, (_, index) => {
    const bits = Math.min(8, Math.max(0, length - 8 * index));
    return (0xff00 >> bits) & 0xff;
  });
  const network = value.map((byte, index) => byte & (mask[index] ?? 0));
  if (length === 32) return [ipv4[field](), cmp('eq', network)];
  return [ipv4[field](), bitwise(mask, new Uint8Array(4)), cmp('eq', network)];
}

/** Bits of `ct state` (NF_CT_STATE_BIT of linux/netfilter/nf_tables.h) and `ct status` (IPS_* of nf_conntrack_common.h). */
export const connectionState = { invalid: 1, established: 2, related: 4, new: 8 } as const;
export const connectionStatus = { snat: 1 << 4, dnat: 1 << 5 } as const;

function hostBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/** `ct state a,b` or `ct status x`: true when any of the bits is set. */
export function connectionHas(key: 'state' | 'status', bits: number): Expression[] {
  const zero = new Uint8Array(4);
  return [ct(key), bitwise(hostBytes(bits), zero), cmp('neq', zero)];
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
