/** The data types of nft: how a value of a set key or map looks, how wide it is, and the number nft knows it by. */

import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from '../../address/bytes.js';

/** A value of a set key or of a map's data: an address or interface name as text, a port, protocol or mark as a number. */
export type Value = string | number;

/** Keys or data of many elements, field by field. */
export type Rows = readonly (readonly Value[])[];

interface DataType {
  /** Type number of nftables (enum datatypes, include/datatype.h of nftables); users of the kernel choose them freely. */
  readonly number: number;
  /** Bytes. */
  readonly length: number;
  /** 1 host, 2 network: BYTEORDER_* of nftables, written into the set's user data so that `nft` prints values right. */
  readonly byteOrder: 1 | 2;
  /** Writes a value at `offset`; a number in host order is written in network order when `ordered`. */
  readonly write: (value: Value, bytes: Uint8Array, offset: number, ordered: boolean) => void;
  /**
   * Writes one field of many keys, `stride` bytes apart. Only for the types that come by the ten thousand: a loop of its own for each
   * lets the compiler see one kind of value in it, which is three times as fast as `write` for every value.
   */
  readonly writeColumn?: (rows: Rows, field: number, bytes: Uint8Array, offset: number, stride: number) => void;
  /** Reads what `write` has written. */
  readonly read: (bytes: Uint8Array, offset: number, ordered: boolean) => Value;
}

function wrong(type: string, value: Value): never {
  throw new TypeError(`${JSON.stringify(value)} is no ${type}`);
}

function ipv4Column(rows: Rows, field: number, bytes: Uint8Array, offset: number, stride: number): void {
  let last: Value | undefined;
  for (const row of rows) {
    const value = row[field];
    if (value === last) {
      // One public address has many ports.
      for (let index = offset; index < offset + 4; index++) bytes[index] = bytes[index - stride] as number;
    } else if (typeof value !== 'string' || !ipv4Bytes(value, bytes, offset)) {
      wrong('IPv4 address', value ?? '');
    }
    last = value;
    offset += stride;
  }
}

/** A number in network order. */
function networkNumber(number: number, length: 1 | 2, type: string): DataType {
  const most = 2 ** (8 * length) - 1;
  return {
    number,
    length,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) wrong(type, value);
      if (length === 2) bytes[offset++] = value >> 8;
      bytes[offset] = value;
    },
    writeColumn: (rows, field, bytes, offset, stride) => {
      for (const row of rows) {
        const value = row[field];
        if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
          wrong(type, value ?? '');
        if (length === 1) {
          bytes[offset] = value;
        } else {
          bytes[offset] = value >> 8;
          bytes[offset + 1] = value;
        }
        offset += stride;
      }
    },
    read: (bytes, offset) => {
      const first = bytes[offset] ?? 0;
      return length === 1 ? first : (first << 8) | (bytes[offset + 1] ?? 0);
    },
  };
}

/** Four bytes in host order, which is little-endian on every processor that Node supports and this package is built for. */
function hostNumber(number: number, type: string): DataType {
  return {
    number,
    length: 4,
    byteOrder: 1,
    write: (value, bytes, offset, ordered) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff) wrong(type, value);
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, !ordered);
    },
    read: (bytes, offset, ordered) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, !ordered),
  };
}

const macAddress = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** The types, by nft's own names. */
export const dataTypes = {
  ipv4_addr: {
    number: 7,
    length: 4,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || !ipv4Bytes(value, bytes, offset)) wrong('IPv4 address', value);
    },
    writeColumn: ipv4Column,
    read: ipv4Text,
  },
  ipv6_addr: {
    number: 8,
    length: 16,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || !ipv6Bytes(value, bytes, offset)) wrong('IPv6 address', value);
    },
    read: ipv6Text,
  },
  ether_addr: {
    number: 9,
    length: 6,
    byteOrder: 2,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || !macAddress.test(value)) wrong('MAC address', value);
      for (let index = 0; index < 6; index++) {
        bytes[offset + index] = Number.parseInt(value.slice(3 * index, 3 * index + 2), 16);
      }
    },
    read: (bytes, offset) =>
      Array.from(bytes.subarray(offset, offset + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':'),
  },
  inet_proto: networkNumber(12, 1, 'protocol number'),
  inet_service: networkNumber(13, 2, 'port'),
  icmp_type: networkNumber(14, 1, 'ICMP type'),
  icmp_code: networkNumber(32, 1, 'ICMP code'),
  icmpv6_type: networkNumber(29, 1, 'ICMPv6 type'),
  icmpv6_code: networkNumber(33, 1, 'ICMPv6 code'),
  mark: hostNumber(19, 'mark'),
  iface_index: hostNumber(20, 'interface index'),
  ifname: {
    number: 41,
    length: 16,
    byteOrder: 1,
    write: (value, bytes, offset) => {
      if (typeof value !== 'string' || value.length === 0 || value.length >= 16) wrong('interface name', value);
      for (let index = 0; index < value.length; index++) bytes[offset + index] = value.charCodeAt(index);
    },
    read: (bytes, offset) => {
      const name = bytes.subarray(offset, offset + 16);
      const end = name.indexOf(0);
      return Buffer.from(end < 0 ? name : name.subarray(0, end)).toString('latin1');
    },
  },
} as const satisfies Record<string, DataType>;

/** Name of a data type. */
export type TypeName = keyof typeof dataTypes;

const namesByNumber = new Map<number, TypeName>(
  (Object.keys(dataTypes) as TypeName[]).map((name) => [dataTypes[name].number, name]),
);

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

/** The types of a number and a length; empty when one of them has no name here. */
export function typesOf(number: number, length: number): TypeName[] {
  const types: TypeName[] = [];
  for (let rest = number; rest > 0; rest = Math.floor(rest / 64)) {
    const type = namesByNumber.get(rest % 64);
    if (type === undefined) return [];
    types.unshift(type);
  }
  return keyLength(types) === length ? types : [];
}

/** Byte order of a key as nft records it; 0 (invalid) for a concatenation, whose fields have their own. */
export function byteOrder(types: readonly TypeName[]): number {
  const [only] = types;
  return types.length === 1 && only !== undefined ? dataTypes[only].byteOrder : 0;
}

/**
 * Writes the fields of one key or value at `offset`.
 *
 * @param ordered numbers are to compare as bytes do: keys of interval sets
 */
export function writeKey(
  types: readonly TypeName[],
  values: readonly Value[],
  bytes: Uint8Array,
  offset: number,
  ordered = false,
): void {
  if (values.length !== types.length) throw new TypeError(`expected ${types.length} fields, got ${values.length}`);
  for (let index = 0; index < types.length; index++) {
    const type = types[index] as TypeName;
    dataTypes[type].write(values[index] as Value, bytes, offset, ordered);
    offset += registerLength(type);
  }
}

/** Reads the fields of one key or value. Without types it is one field: hexadecimal digits. */
export function readKey(types: readonly TypeName[], bytes: Uint8Array, ordered = false): Value[] {
  if (types.length === 0) return [Buffer.from(bytes).toString('hex')];
  let offset = 0;
  return types.map((type) => {
    const value = dataTypes[type].read(bytes, offset, ordered);
    offset += registerLength(type);
    return value;
  });
}

/** Writes many keys or values, one behind the other; the same bytes as `writeKey` for each. */
export function writeKeys(types: readonly TypeName[], rows: Rows, bytes: Uint8Array, ordered = false): void {
  for (const row of rows) {
    if (row.length !== types.length) throw new TypeError(`expected ${types.length} fields, got ${row.length}`);
  }
  const stride = keyLength(types);
  let offset = 0;
  for (const [field, name] of types.entries()) {
    const type: DataType = dataTypes[name];
    if (type.writeColumn !== undefined) {
      type.writeColumn(rows, field, bytes, offset, stride);
    } else {
      rows.forEach((row, index) => {
        type.write(row[field] as Value, bytes, offset + index * stride, ordered);
      });
    }
    offset += registerLength(name);
  }
}
