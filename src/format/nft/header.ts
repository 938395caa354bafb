/** Header fields by the places payload instructions load them from, in nft's words (nft(8), PAYLOAD EXPRESSIONS). */

import { type DataType, types } from './data-type.js';

/** Where a payload instruction begins to count. */
export type Base = 'link' | 'network' | 'transport' | 'inner';

/** A field of a header; offset and length in bytes. */
export interface HeaderField {
  /** `ip saddr`. */
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly type: DataType;
  /** The bits of the field within its bytes, where it does not fill them. */
  readonly bits?: { readonly mask: number; readonly shift: number };
}

type Row = readonly [name: string, offset: number, length: number, type: DataType, mask?: number, shift?: number];

const header = (name: string, ...rows: readonly Row[]): HeaderField[] =>
  rows.map(([field, offset, length, type, mask, shift]) => ({
    text: `${name} ${field}`,
    offset,
    length,
    type,
    ...(mask === undefined ? {} : { bits: { mask, shift: shift ?? 0 } }),
  }));

const { integer, inet_service: port } = types;
const ports: readonly Row[] = [
  ['sport', 0, 2, port],
  ['dport', 2, 2, port],
];

const link = header(
  'ether',
  ['daddr', 0, 6, types.ether_addr],
  ['saddr', 6, 6, types.ether_addr],
  ['type', 12, 2, types.etherType],
);

const network: Readonly<Record<string, readonly HeaderField[]>> = {
  ip: header(
    'ip',
    ['version', 0, 1, integer, 0xf0, 4],
    ['hdrlength', 0, 1, integer, 0x0f],
    ['dscp', 1, 1, types.dscp, 0xfc, 2],
    ['ecn', 1, 1, types.ecn, 0x03],
    ['length', 2, 2, integer],
    ['id', 4, 2, integer],
    ['frag-off', 6, 2, integer],
    ['ttl', 8, 1, integer],
    ['protocol', 9, 1, types.inet_proto],
    ['checksum', 10, 2, integer],
    ['saddr', 12, 4, types.ipv4_addr],
    ['daddr', 16, 4, types.ipv4_addr],
  ),
  ip6: header(
    'ip6',
    ['version', 0, 1, integer, 0xf0, 4],
    ['length', 4, 2, integer],
    ['nexthdr', 6, 1, types.inet_proto],
    ['hoplimit', 7, 1, integer],
    ['saddr', 8, 16, types.ipv6_addr],
    ['daddr', 24, 16, types.ipv6_addr],
  ),
};

const transport: Readonly<Record<string, readonly HeaderField[]>> = {
  th: header('th', ...ports),
  tcp: header(
    'tcp',
    ...ports,
    ['sequence', 4, 4, integer],
    ['ackseq', 8, 4, integer],
    ['doff', 12, 1, integer, 0xf0, 4],
    ['flags', 13, 1, types.tcpFlags],
    ['window', 14, 2, integer],
    ['checksum', 16, 2, integer],
    ['urgptr', 18, 2, integer],
  ),
  udp: header('udp', ...ports, ['length', 4, 2, integer], ['checksum', 6, 2, integer]),
  udplite: header('udplite', ...ports, ['checksum', 6, 2, integer]),
  sctp: header('sctp', ...ports, ['vtag', 4, 4, integer], ['checksum', 8, 4, integer]),
  dccp: header('dccp', ...ports),
  // What follows the checksum has a name for each type of message: it is printed as bytes.
  icmp: header('icmp', ['type', 0, 1, types.icmp_type], ['code', 1, 1, types.icmp_code], ['checksum', 2, 2, integer]),
  icmpv6: header(
    'icmpv6',
    ['type', 0, 1, types.icmpv6_type],
    ['code', 1, 1, types.icmpv6_code],
    ['checksum', 2, 2, integer],
  ),
};

/** Protocols above IP that have headers here (IANA). */
const transportNames: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

/** What a rule has found out about the packet so far. */
export interface Protocols {
  link?: 'ether';
  network?: 'ip' | 'ip6';
  /** A protocol with a header here; undefined while it may be any. */
  transport?: string;
}

/** The name of the header of an IP protocol; undefined where there is none here. */
export function transportName(protocol: number): string | undefined {
  return transportNames[protocol];
}

function headerAt(base: Base, protocols: Protocols): readonly HeaderField[] {
  switch (base) {
    case 'link':
      return protocols.link === undefined ? [] : link;
    case 'network':
      return network[protocols.network ?? ''] ?? [];
    case 'transport':
      return transport[protocols.transport ?? 'th'] ?? [];
    default:
      return [];
  }
}

/** Loaded bytes: the fields they are, one behind the other, or the beginning of one address. */
export interface Slice {
  readonly fields: readonly HeaderField[];
  /** Only the first bytes of the (only) field: comparing them compares a prefix. */
  readonly partial?: boolean;
}

/** The fields in some bytes of a header; undefined when they are not fields from end to end. */
export function sliceOf(base: Base, offset: number, length: number, protocols: Protocols): Slice | undefined {
  const whole = headerAt(base, protocols).filter((field) => field.bits === undefined);
  const fields: HeaderField[] = [];
  let at = offset;
  while (at < offset + length) {
    const field = whole.find((one) => one.offset === at);
    if (field === undefined) return undefined;
    if (at + field.length > offset + length) {
      return fields.length === 0 && field.type.prefixes === true ? { fields: [field], partial: true } : undefined;
    }
    fields.push(field);
    at += field.length;
  }
  return fields.length === 0 ? undefined : { fields };
}

/** The field that is some bits of the byte at an offset. */
export function bitField(base: Base, offset: number, mask: number, protocols: Protocols): HeaderField | undefined {
  return headerAt(base, protocols).find((field) => field.offset === offset && field.bits?.mask === mask);
}

/** Bytes that have no name, by bits: `@th,16,16`. */
export function rawText(base: Base, offset: number, length: number): string {
  const names = { link: 'll', network: 'nh', transport: 'th', inner: 'ih' } as const;
  return `@${names[base]},${8 * offset},${8 * length}`;
}
