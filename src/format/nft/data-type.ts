/** How a value of a data type looks in nft's syntax (nft(8), DATA TYPES). */

import { ipv4Text, ipv6Bytes, ipv6Text } from '../../address/bytes.js';
import type { TypeName, Value } from '../../kernel/nft/type.js';
import * as names from './names.js';
import type { FormatOptions } from './style.js';

type NumberText = (number: number, options: FormatOptions) => string;

/** A data type of nft. */
export interface DataType {
  /** Values are numbers in host order. Network order when absent. */
  readonly hostOrder?: boolean;
  /** Values are sets of bits, printed as a list. */
  readonly bits?: boolean;
  /** Ranges that are prefixes are printed as such. */
  readonly prefixes?: boolean;
  /** Values that a set prints in one line, as nft breaks lines; 1 when absent. */
  readonly perLine?: number;
  /** Text of a value that is a number; its digits when absent. */
  readonly number?: NumberText;
  /** Text of a value, whose bytes are in network order. */
  readonly text: (bytes: Uint8Array, options: FormatOptions) => string;
}

/** A big-endian number. */
export function numberOf(bytes: Uint8Array): bigint {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  return number;
}

const fromNumber =
  (text: NumberText): DataType['text'] =>
  (bytes, options) =>
    text(Number(numberOf(bytes)), options);

const hexadecimal =
  (digits: number): NumberText =>
  (number) =>
    `0x${number.toString(16).padStart(digits, '0')}`;

const decimal: NumberText = (number) => String(number);

const named =
  (words: Readonly<Record<number, string>>, otherwise: NumberText = decimal): NumberText =>
  (number, options) =>
    (options.names === true ? words[number] : undefined) ?? otherwise(number, options);

const bitList =
  (words: Readonly<Record<number, string>>): NumberText =>
  (number, options) => {
    const list: string[] = [];
    for (let bit = 1; bit <= number; bit *= 2) {
      if (Math.floor(number / bit) % 2 === 1) list.push(named(words, hexadecimal(0))(bit, options));
    }
    return list.length === 0 ? '0x0' : list.join(',');
  };

/**
 * A text in quotes. nft cannot escape a quote nor break a line in one; where the kernel keeps such a text it is written with an apostrophe
 * and a space instead, so that nothing in it is taken for a command.
 */
export function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return `"${text.replace(/"/g, "'").replace(/[\u0000-\u001f\u007f]/g, ' ')}"`;
}

/** An interface name as a rule or element writes it: a star that is meant as one is escaped. */
export function linkName(name: string): string {
  return quoted(name.endsWith('*') ? `${name.slice(0, -1)}\\*` : name);
}

/** An interface name; one that fills not its 16 bytes, and has no NUL, is the beginning of names. */
function linkNameText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
  return end < 0 && bytes.length < 16 ? quoted(`${text}*`) : linkName(text);
}

/** An IPv6 address as inet_ntop(3) writes it: addresses that embed an IPv4 one end with it. */
export function ipv6AddressText(bytes: Uint8Array): string {
  const embedded = bytes.subarray(0, 10).every((byte) => byte === 0);
  const high = (bytes[10] ?? 0) * 256 + (bytes[11] ?? 0);
  if (embedded && high === 0xffff) return `::ffff:${ipv4Text(bytes, 12)}`;
  if (embedded && high === 0 && ((bytes[12] ?? 0) !== 0 || (bytes[13] ?? 0) !== 0)) return `::${ipv4Text(bytes, 12)}`;
  return ipv6Text(bytes, 0);
}

/** The same for an address that is text already. */
function embeddedAddress(text: string): string {
  // Few addresses begin so.
  if (!text.startsWith('::')) return text;
  const bytes = new Uint8Array(16);
  return ipv6Bytes(text, bytes, 0) ? ipv6AddressText(bytes) : text;
}

const linkIndex: NumberText = (number, { links }) => {
  const name = links?.get(number);
  return name === undefined ? String(number) : quoted(name);
};

/** A traffic class: two numbers of 16 bits in hexadecimal digits (tc(8), HANDLES). */
const trafficClass: NumberText = (number) => {
  if (number === 0) return 'none';
  if (number === 0xffffffff) return 'root';
  return `${Math.floor(number / 65536).toString(16)}:${(number % 65536).toString(16)}`;
};

/** Milliseconds as nft writes them: numeric in whole seconds, otherwise in days, hours, minutes and seconds. */
const duration: NumberText = (number, options) => {
  if (options.names !== true) return `${Math.floor(number / 1000)}s`;
  let rest = number;
  let text = '';
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    if (rest >= length) text += `${Math.floor(rest / length)}${unit}`;
    rest %= length;
  }
  return text === '' ? '0s' : text;
};

const integer: DataType = { perLine: 5, text: (bytes) => String(numberOf(bytes)) };
const hostInteger: DataType = { ...integer, hostOrder: true };
const networkType = (number: NumberText): DataType => ({ number, text: fromNumber(number) });
const hostType = (number: NumberText): DataType => ({ ...networkType(number), hostOrder: true });

/** The data types. Those a set can have bear the names of `TypeName`. */
export const types = {
  ipv4_addr: { perLine: 2, prefixes: true, text: (bytes) => ipv4Text(bytes, 0) },
  ipv6_addr: { prefixes: true, text: ipv6AddressText },
  ether_addr: { text: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':') },
  inet_proto: { perLine: 5, ...networkType(named(names.protocols)) },
  inet_service: integer,
  icmp_type: networkType(named(names.icmpTypes)),
  icmpv6_type: networkType(named(names.icmpv6Types)),
  mark: { perLine: 5, prefixes: true, ...hostType(hexadecimal(8)) },
  iface_index: { perLine: 5, ...hostType(linkIndex) },
  ifname: { text: linkNameText },

  icmp_code: networkType(named(names.icmpCodes)),
  icmpv6_code: networkType(named(names.icmpv6Codes)),
  connectionState: { ...hostType(bitList(names.connectionStates)), bits: true },
  connectionStatus: { ...hostType(bitList(names.connectionStatuses)), bits: true },
  tcpFlags: { ...networkType(bitList(names.tcpFlags)), bits: true },
  direction: networkType(named(names.directions)),
  packetType: networkType(named(names.packetTypes)),
  family: networkType(named(names.families)),
  etherType: networkType(named(names.etherTypes, hexadecimal(4))),
  addressType: hostType(named(names.addressTypes)),
  linkType: hostType(named(names.linkTypes)),
  linkGroup: hostType(named({ 0: '"default"' })),
  trafficClass: hostType(trafficClass),
  duration: hostType(duration),
  dscp: networkType(hexadecimal(2)),
  ecn: networkType(named({ 0: 'not-ect', 1: 'ect1', 2: 'ect0', 3: 'ce' }, hexadecimal(1))),
  /** Whether there is something. As a number nft would take it for what there is. */
  existence: hostType((number) => (number === 0 ? 'missing' : 'exists')),
  integer,
  hostInteger,
  /** Bytes that no header field names. */
  raw: { text: (bytes) => `0x${numberOf(bytes).toString(16)}` },
} as const satisfies Record<TypeName, DataType> & Record<string, DataType>;

/** A type that a set's key or data can have. */
export function typeNamed(name: TypeName): DataType {
  return types[name];
}

/** A value as the kernel has it: bytes in the type's own order. */
export function bytesText(type: DataType, bytes: Uint8Array, options: FormatOptions): string {
  return type.text(type.hostOrder === true ? bytes.slice().reverse() : bytes, options);
}

/** A value of a set's key or a map's data. Thousands pass here: addresses are printed as they are. */
export function valueText(name: TypeName, value: Value, options: FormatOptions): string {
  if (typeof value === 'string') {
    if (name === 'ifname') return linkName(value);
    return name === 'ipv6_addr' ? embeddedAddress(value) : value;
  }
  return typeNamed(name).number?.(value, options) ?? String(value);
}
