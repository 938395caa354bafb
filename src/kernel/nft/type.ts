/** The data types of nft: how a value of a set key or map looks, how wide it is, and the number nft knows it by. */

import { ipv4Bytes, ipv6Bytes } from './address-bytes.js';

/** A value of a set key or of a map's data: an address or interface name as text, a port, protocol or mark as a number. */
export type Value = string | number;

interface DataType {
  /** Type number of nftables (enum datatypes, include/datatype.h of nftables); users of the kernel choose them freely. */
  readonly number: number;
  /** Bytes. */
  readonly length: number;
  /** 1 host, 2 network: BYTEORDER_* of nftables, written into the set's user data so that `nft` prints values right. */
  readonly byteOrder: 1 | 2;
  /** Writes a value at `offset`. */
  readonly write: (value: Value, bytes: Uint8Array, offset: number) => void;
}

function wrong(type: string, value: Value): never {
  throw new TypeError(`${JSON.stringify(value)} is no ${type}`);
}

function numberWriter(type: string, length: 1 | 2): DataType['write'] {
  const most = 2 ** (8 * length) - 1;
  return (value, bytes, offset) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) wrong(type, value);
    if (length === 2) bytes[offset++] = value >> 8;
    bytes[offset] = value;
  };
}

function textWriter(type: string, length: number): DataType['write'] {
  return (value, bytes, offset) => {
    if (typeof value !== 'string' || value.length === 0 || value.length >= length) wrong(type, value);
    for (let index = 0; index < value.length; index++) bytes[offset + index] = value.charCodeAt(index);
  };
}

/** The types, by nft's own names. */
export const dataTypes = {
  ipv4_addr: {
    number: 7,
    length: 4,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || !ipv4Bytes(value, bytes, offset)) wrong('IPv4 address', value);
    },
  },
  ipv6_addr: {
    number: 8,
    length: 16,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || !ipv6Bytes(value, bytes, offset)) wrong('IPv6 address', value);
    },
  },
  inet_proto: { number: 12, length: 1, byteOrder: 2, write: numberWriter('protocol number', 1) },
  inet_service: { number: 13, length: 2, byteOrder: 2, write: numberWriter('port', 2) },
  icmp_type: { number: 14, length: 1, byteOrder: 2, write: numberWriter('ICMP type', 1) },
  mark: {
    number: 19,
    length: 4,
    byteOrder: 1,
    write: (value, bytes, offset) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff)
        wrong('mark', value);
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, true);
    },
  },
  ifname: { number: 41, length: 16, byteOrder: 1, write: textWriter('interface name', 16) },
} as const satisfies Record<string, DataType>;

/** Name of a data type. */
export type TypeName = keyof typeof dataTypes;

/** Bytes a field takes in a register: padded to 4. */
export function registerLength(type: TypeName): number {
  return (dataTypes[type].length + 3) & ~3;
}

/** Bytes of a key or value: one field has its own length, the fields of a concatenation are padded to 4 each. */
export function keyLength(types: readonly TypeName[]): number {
  const [only] = types;
  if (types.length === 1 && only !== undefined) return dataTypes[only].length;
  return types.reduce((sum, type) => sum + registerLength(type), 0);
}

/** The number nft gives a type or a concatenation: 6 bits each, the first field highest (concat_subtype_add of nftables). */
export function typeNumber(types: readonly TypeName[]): number {
  return types.reduce((number, type) => number * 64 + dataTypes[type].number, 0);
}

/** Byte order of a key as nft records it; 0 (invalid) for a concatenation, whose fields have their own. */
export function byteOrder(types: readonly TypeName[]): number {
  const [only] = types;
  return types.length === 1 && only !== undefined ? dataTypes[only].byteOrder : 0;
}

/** Writes the fields of one key or value at `offset`. */
export function writeKey(
  types: readonly TypeName[],
  values: readonly Value[],
  bytes: Uint8Array,
  offset: number,
): void {
  if (values.length !== types.length) throw new TypeError(`expected ${types.length} fields, got ${values.length}`);
  for (let index = 0; index < types.length; index++) {
    const type = types[index] as TypeName;
    dataTypes[type].write(values[index] as Value, bytes, offset);
    offset += registerLength(type);
  }
}
