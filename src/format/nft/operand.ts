/** What instructions load into registers, as text. */

import type { Expression } from '../../kernel/nft/expression.js';
import { bytesText, type DataType, types } from './data-type.js';
import { type Base, bitField, type Protocols, rawText, type Slice, sliceOf } from './header.js';
import type { FormatOptions } from './style.js';

/** Layers whose protocol a rule can find out. */
export type Layer = 'link' | 'network' | 'transport';

/** A value in a register. */
export interface Operand {
  /** In nft's words: `ip saddr`, `meta mark & 0x000000ff`. */
  readonly text: string;
  readonly type: DataType;
  /** Bytes; undefined when it is not known how far the value reaches. */
  readonly length: number | undefined;
  /** Numbers are in host order in the register. */
  readonly hostOrder: boolean;
  /** A constant, as it lies in the register. */
  readonly constant?: Uint8Array;
  /** Bytes of a header. */
  readonly payload?: { readonly base: Base; readonly offset: number; readonly slice: Slice | undefined };
  /** A value of which some bits were taken or changed. */
  readonly masked?: { readonly of: Operand; readonly mask: Uint8Array; readonly xor: Uint8Array };
  /** Comparing it tells the protocol of a layer. */
  readonly tells?: Layer;
  /** Naming it needs the protocols of these layers, which nft then does not print. */
  readonly needs?: readonly Layer[];
}

/** An instruction that has no form here: `[ name key=value … ]`. nft refuses it. */
export function bracketed({ name, data }: Expression): string {
  const words = Object.entries(data ?? {}).map(([key, value]) => `${key}=${plain(value)}`);
  return ['[', name, ...words, ']'].join(' ');
}

function plain(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${key}=${plain(member)}`)
    .join(' ')} }`;
}

type Known = Readonly<Record<string, readonly [text: string, type: DataType, length: number, tells?: Layer]>>;

const metaKeys: Known = {
  length: ['meta length', types.hostInteger, 4],
  protocol: ['meta protocol', types.etherType, 2, 'network'],
  priority: ['meta priority', types.trafficClass, 4],
  mark: ['meta mark', types.mark, 4],
  iif: ['iif', types.iface_index, 4],
  oif: ['oif', types.iface_index, 4],
  iifname: ['iifname', types.ifname, 16],
  oifname: ['oifname', types.ifname, 16],
  iiftype: ['meta iiftype', types.linkType, 2, 'link'],
  oiftype: ['meta oiftype', types.linkType, 2],
  skuid: ['meta skuid', types.hostInteger, 4],
  skgid: ['meta skgid', types.hostInteger, 4],
  nftrace: ['meta nftrace', types.integer, 1],
  nfproto: ['meta nfproto', types.family, 1, 'network'],
  l4proto: ['meta l4proto', types.inet_proto, 1, 'transport'],
  pkttype: ['meta pkttype', types.packetType, 1],
  cpu: ['meta cpu', types.hostInteger, 4],
  iifgroup: ['iifgroup', types.linkGroup, 4],
  oifgroup: ['oifgroup', types.linkGroup, 4],
};

const connectionKeys: Known = {
  state: ['state', types.connectionState, 4],
  direction: ['direction', types.direction, 1],
  status: ['status', types.connectionStatus, 4],
  mark: ['mark', types.mark, 4],
  expiration: ['expiration', types.duration, 4],
  l3proto: ['l3proto', types.family, 1],
  protocol: ['protocol', types.inet_proto, 1],
  'proto-src': ['proto-src', types.inet_service, 2],
  'proto-dst': ['proto-dst', types.inet_service, 2],
  packets: ['packets', types.hostInteger, 8],
  bytes: ['bytes', types.hostInteger, 8],
  zone: ['zone', types.hostInteger, 2],
  'ip saddr': ['ip saddr', types.ipv4_addr, 4],
  'ip daddr': ['ip daddr', types.ipv4_addr, 4],
  'ip6 saddr': ['ip6 saddr', types.ipv6_addr, 16],
  'ip6 daddr': ['ip6 daddr', types.ipv6_addr, 16],
  id: ['id', types.integer, 4],
};

/** NFTA_FIB_F_* of linux/netfilter/nf_tables.h, in nft's order. */
const fibFlags = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16 } as const;
const NFTA_FIB_F_PRESENT = 32;

/** The type of a packet's property that is read or set. */
export function metaOperand(expression: Expression): Operand {
  const { key } = (expression.data ?? {}) as { key?: string | number };
  return known(metaKeys, key, '', expression);
}

/** The same of a connection's property. */
export function connectionOperand(expression: Expression): Operand {
  const { key, direction } = (expression.data ?? {}) as { key?: string | number; direction?: string };
  return known(connectionKeys, key, `ct ${direction === undefined ? '' : `${direction} `}`, expression);
}

function known(keys: Known, key: string | number | undefined, before: string, expression: Expression): Operand {
  const row = Object.hasOwn(keys, key ?? '') ? keys[key ?? ''] : undefined;
  if (row === undefined) return unknownOperand(bracketed(expression));
  const [text, type, length, tells] = row;
  return {
    text: before + text,
    type,
    length,
    hostOrder: type.hostOrder === true,
    ...(tells === undefined ? {} : { tells }),
  };
}

/** A value about which nothing is known but how to print it. */
export function unknownOperand(text: string): Operand {
  return { text, type: types.raw, length: undefined, hostOrder: false };
}

/** The result of a route lookup. */
export function fibOperand(expression: Expression): Operand {
  const { flags = 0, result } = (expression.data ?? {}) as { flags?: number; result?: string };
  const words = Object.entries(fibFlags).filter(([, bit]) => (flags & bit) !== 0);
  const text = `fib ${words.map(([word]) => word).join(' . ')} ${result}`;
  const present = (flags & NFTA_FIB_F_PRESENT) !== 0;
  switch (result) {
    case 'oif':
      return { text, type: present ? types.existence : types.iface_index, length: 4, hostOrder: true };
    case 'oifname':
      return present
        ? { text, type: types.existence, length: 4, hostOrder: true }
        : { text, type: types.ifname, length: 16, hostOrder: false };
    case 'type':
      return { text, type: types.addressType, length: 4, hostOrder: true };
    default:
      return unknownOperand(bracketed(expression));
  }
}

/** Bytes of a header. */
export function payloadOperand(expression: Expression, protocols: Protocols): Operand {
  const { base, offset = 0, length = 0 } = (expression.data ?? {}) as { base?: Base; offset?: number; length?: number };
  if (base === undefined || !['link', 'network', 'transport', 'inner'].includes(base)) {
    return unknownOperand(bracketed(expression));
  }
  const slice = sliceOf(base, offset, length, protocols);
  const [field] = slice?.fields ?? [];
  const raw = { text: rawText(base, offset, length), type: types.raw, length, hostOrder: false };
  const payload = { base, offset, slice };
  if (slice === undefined || field === undefined) return { ...raw, payload };
  const named = slice.fields.length === 1 && slice.partial !== true;
  const needs = needsOf(base, field.text, protocols);
  const tells = tellsOf(field.text);
  return {
    ...raw,
    payload,
    ...(named ? { text: field.text, type: field.type } : {}),
    ...(needs.length === 0 ? {} : { needs }),
    ...(named && tells !== undefined ? { tells } : {}),
  };
}

/** Some bits of a byte of a header that are a field; undefined when they are none. */
export function bitFieldOperand(
  { payload, length }: Operand,
  mask: Uint8Array,
  protocols: Protocols,
): Operand | undefined {
  if (payload === undefined || length !== 1) return undefined;
  const field = bitField(payload.base, payload.offset, mask[0] ?? 0, protocols);
  const { bits, text, type } = field ?? {};
  if (bits === undefined || text === undefined || type === undefined) return undefined;
  // In the register, and in sets, the bits stay where they are in the header.
  const shifted: DataType = {
    text: ([byte = 0], options) => type.text(Uint8Array.of((byte & bits.mask) >> bits.shift), options),
  };
  return { text, type: shifted, length, hostOrder: false, needs: needsOf(payload.base, text, protocols) };
}

function needsOf(base: Base, field: string, { transport }: Protocols): Layer[] {
  if (base === 'inner' || field.startsWith('th ')) return [];
  // ICMP says which IP it is.
  return base === 'transport' && transport?.startsWith('icmp') ? ['transport', 'network'] : [base];
}

function tellsOf(field: string): Layer | undefined {
  if (field === 'ip protocol' || field === 'ip6 nexthdr') return 'transport';
  return field === 'ether type' ? 'network' : undefined;
}

/** A constant, or what the register holds, as a value of a type. */
export function asValueOf(type: DataType, operand: Operand, options: FormatOptions): string {
  return operand.constant === undefined ? operand.text : bytesText(type, operand.constant, options);
}
