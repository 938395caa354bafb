/** IP protocols by the names of Debian's /etc/protocols, as `ip rule` spells them. */

import { parseNumber } from './grammar.js';

const numbersByName: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['ipencap', 4],
  ['tcp', 6],
  ['egp', 8],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6', 41],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['eigrp', 88],
  ['ospf', 89],
  ['ipip', 94],
  ['pim', 103],
  ['ipcomp', 108],
  ['vrrp', 112],
  ['l2tp', 115],
  ['sctp', 132],
  ['udplite', 136],
]);

const namesByNumber = new Map([...numbersByName].map(([name, number]) => [number, name]));

/** A protocol 1–255 by name, in either case, or by number; undefined for anything else. */
export function parseIpProtocol(text: string): number | undefined {
  const value = numbersByName.get(text.toLowerCase()) ?? parseNumber(text, 255);
  return value === 0 ? undefined : value;
}

/** The name of a protocol; undefined when it has none here. */
export function formatIpProtocol(protocol: number): string | undefined {
  return namesByNumber.get(protocol);
}
