/**
 * IPv4 addresses and prefixes. An address has exactly one accepted spelling (dotted decimal, no leading zeros), so two
 * addresses are equal exactly when their texts are: no other layer ever has to compare parts of a text.
 */

import { ipv4Network, parsePrefix } from '../address/ipv4-network.js';
import type { Cidr } from './values.js';

/** An IPv4 address as an unsigned 32-bit number, or undefined when the text is anything else (prefix, host name, `010.…`). */
export function parseAddress(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  let value = 0;
  let octet = -1;
  let octets = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined;
      octet = octet === -1 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return undefined;
    } else if (code === 46 && octet !== -1) {
      value = value * 256 + octet;
      octets++;
      octet = -1;
    } else {
      return undefined;
    }
  }
  return octets === 3 && octet !== -1 ? value * 256 + octet : undefined;
}

/** The one spelling of an address; `value` is an unsigned 32-bit number. */
export function formatAddress(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** Whether one host can have this address: not "this network" (0/8), loopback (127/8), multicast or reserved (224/3). */
export function isHostAddress(text: string): boolean {
  const value = parseAddress(text);
  if (value === undefined) return false;
  const first = value >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** `10.1.1.0/24`, host bits allowed (generation 1 sends `ip/prefix` for public ranges); undefined when it is anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const address = text.slice(0, slash);
  const prefix = parsePrefix(text.slice(slash + 1));
  return prefix === undefined || !isAddress(address) ? undefined : { address, prefix };
}

/** The same with its host bits cleared, or a single address as a network of its own. */
export function parseNetwork(text: string): Cidr | undefined {
  const network = ipv4Network(text);
  return network === undefined ? undefined : { address: formatAddress(network.address), prefix: network.prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${cidr.address}/${cidr.prefix}`;
}

/** The mask of a prefix length 0–32 as an unsigned 32-bit number. */
function mask(prefix: number): number {
  // A shift by 32 is a shift by 0 in JavaScript.
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
}

/** The same prefix with its host bits cleared: `10.1.1.7/24` → `10.1.1.0/24`. */
export function networkOf(cidr: Cidr): Cidr {
  const value = parseAddress(cidr.address) ?? 0;
  const network = (value & mask(cidr.prefix)) >>> 0;
  return network === value ? cidr : { address: formatAddress(network), prefix: cidr.prefix };
}

/** Whether `address` lies inside `cidr`; false when it is no address. */
export function cidrContains(cidr: Cidr, address: string): boolean {
  const value = parseAddress(address);
  const network = parseAddress(cidr.address);
  if (value === undefined || network === undefined) return false;
  return ((value ^ network) & mask(cidr.prefix)) === 0;
}
