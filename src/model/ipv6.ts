/**
 * IPv6 addresses and prefixes. Each has many spellings; what comes from outside is brought to one of them here (RFC 5952, lower case), so that
 * two addresses are equal exactly when their texts are.
 */

import { ipv6Bytes, ipv6Text } from '../address/bytes.js';
import type { Cidr } from './values.js';

/** The bytes of an address; undefined when the text is none, or has a zone (`fe80::1%eth0`). */
function bytesOf(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  return ipv6Bytes(text, bytes, 0) ? bytes : undefined;
}

/** Clears the bits from `prefix` on. */
function clearHostBits(bytes: Uint8Array, prefix: number): void {
  for (let index = 0; index < 16; index++) {
    const kept = Math.min(Math.max(prefix - 8 * index, 0), 8);
    bytes[index] = (bytes[index] ?? 0) & (0xff << (8 - kept));
  }
}

/** The one spelling of an address; undefined when the text is anything else. */
export function parseIpv6(text: string): string | undefined {
  const bytes = bytesOf(text);
  return bytes === undefined ? undefined : ipv6Text(bytes, 0);
}

/** The address if one host can have it and others can reach it: not `::`, loopback, link-local (fe80::/10) or multicast (ff00::/8). */
export function parseIpv6Host(text: string): string | undefined {
  const address = parseIpv6(text);
  if (address === undefined || address === '::' || address === '::1') return undefined;
  return ['fe80::/10', 'ff00::/8'].some((range) => ipv6Contains(parseIpv6Cidr(range), address)) ? undefined : address;
}

/** Addresses of hosts joined by commas, each once; an empty place between them is none. Undefined when one of them is no address of a host. */
export function parseIpv6Hosts(text: string): readonly string[] | undefined {
  const addresses = text.split(',').flatMap((one) => (one === '' ? [] : [parseIpv6Host(one)]));
  return addresses.includes(undefined) ? undefined : [...new Set(addresses as readonly string[])];
}

/** `2001:db8::/64` with its host bits cleared; a bare address is one of 128 bits. Undefined when it is anything else. */
export function parseIpv6Cidr(text: string): Cidr | undefined {
  const [address = '', length = '128', ...rest] = text.split('/');
  const bytes = bytesOf(address);
  if (bytes === undefined || rest.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 128) return undefined;
  clearHostBits(bytes, prefix);
  return { address: ipv6Text(bytes, 0), prefix };
}

/** The address with all bits from `prefix` on cleared; both families' texts stay apart, so `address` has to be of this one. */
export function ipv6Network(address: string, prefix: number): string {
  const bytes = bytesOf(address) ?? new Uint8Array(16);
  clearHostBits(bytes, prefix);
  return ipv6Text(bytes, 0);
}

/** Whether `address` lies inside `cidr`; false when one of them is not of this family. */
export function ipv6Contains(cidr: Cidr | undefined, address: string): boolean {
  if (cidr === undefined || bytesOf(address) === undefined || bytesOf(cidr.address) === undefined) return false;
  return ipv6Network(address, cidr.prefix) === ipv6Network(cidr.address, cidr.prefix);
}
