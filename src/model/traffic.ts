/** What a firewall or ACL rule says of a packet: protocol, ports or ICMP type, and the networks it comes from or goes to. */

import { formatCidr, parseNetwork } from './address.js';
import { parseIpv6Cidr } from './ipv6.js';
import { formatPortRange, parsePortRange } from './ports.js';
import type { Cidr, PortRange } from './values.js';

/** The networks an address may be in. An empty list is no address of that family at all, never any: neither family widens the other. */
export type Networks =
  | 'any'
  | {
      /** Host bits cleared. */
      readonly ipv4: readonly Cidr[];
      /** Host bits cleared. */
      readonly ipv6: readonly Cidr[];
    };

/** IP protocol, and what it has below. */
export interface Traffic {
  /** IP protocol number (IANA). */
  readonly protocol: number | 'all';
  /** Destination ports of a protocol that has some; all when absent. */
  readonly ports?: PortRange;
  /** Type and code of ICMP or ICMPv6; any when absent. */
  readonly icmp?: { readonly type: number; readonly code: number | undefined };
}

/** IP protocol numbers that have a name here (IANA, as /etc/protocols spells them). */
const numbersByName: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  ipencap: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
};

const namesByNumber = new Map(
  ['icmp', 'igmp', 'tcp', 'udp', 'gre', 'esp', 'ah', 'icmpv6', 'sctp'].map((name) => [numbersByName[name], name]),
);

/** ICMP of IPv4. */
export const icmpProtocol = 1;

/** ICMP of IPv6. */
export const icmpv6Protocol = 58;

/** Whether a protocol has types and codes instead of ports. */
export function isIcmp(protocol: number | 'all'): boolean {
  return protocol === icmpProtocol || protocol === icmpv6Protocol;
}

export const tcpProtocol = 6;

/** Protocols with ports in their first four bytes: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const protocolsWithPorts: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

export function hasPorts(protocol: number | 'all'): boolean {
  return protocol !== 'all' && protocolsWithPorts.has(protocol);
}

/** A protocol by name, in either case, or by number 0–255; undefined for anything else. */
export function parseProtocol(text: string): number | 'all' | undefined {
  if (text === 'tcp') return 6;
  if (text === 'udp') return 17;
  const name = text.toLowerCase();
  if (name === 'all' || name === 'any') return 'all';
  if (/^(?:0|[1-9][0-9]{0,2})$/.test(name)) {
    const number = Number(name);
    // As for iptables, 0 is every protocol (its own meaning, hop-by-hop options, is none that IPv4 has).
    return number === 0 ? 'all' : number <= 255 ? number : undefined;
  }
  return Object.hasOwn(numbersByName, name) ? numbersByName[name] : undefined;
}

export function formatProtocol(protocol: number | 'all'): string {
  return protocol === 'all' ? 'all' : (namesByNumber.get(protocol) ?? String(protocol));
}

/** `tcp 22`, `icmp 8/0`, `icmp 8`, `gre`, `all`: one or two words. */
export function formatTraffic({ protocol, ports, icmp }: Traffic): string {
  const name = formatProtocol(protocol);
  if (ports !== undefined) return `${name} ${formatPortRange(ports)}`;
  if (icmp === undefined) return name;
  return icmp.code === undefined ? `${name} ${icmp.type}` : `${name} ${icmp.type}/${icmp.code}`;
}

/** What {@link formatTraffic} wrote; undefined for anything else. */
export function parseTraffic(words: readonly string[]): Traffic | undefined {
  const [name = '', detail, ...rest] = words;
  const protocol = parseProtocol(name);
  if (protocol === undefined || rest.length > 0) return undefined;
  if (detail === undefined) return { protocol };
  if (!isIcmp(protocol)) {
    const ports = hasPorts(protocol) ? parsePortRange(detail) : undefined;
    return ports === undefined ? undefined : { protocol, ports };
  }
  const match = /^([0-9]{1,3})(?:\/([0-9]{1,3}))?$/.exec(detail);
  const type = Number(match?.[1]);
  const code = match?.[2] === undefined ? undefined : Number(match[2]);
  return match === null || type > 255 || (code ?? 0) > 255 ? undefined : { protocol, icmp: { type, code } };
}

/** `any`, `none`, or the networks with commas between. */
export function formatNetworks(networks: Networks): string {
  if (networks === 'any') return 'any';
  let text = '';
  for (const list of [networks.ipv4, networks.ipv6]) {
    for (const cidr of list) text += text === '' ? formatCidr(cidr) : `,${formatCidr(cidr)}`;
  }
  return text === '' ? 'none' : text;
}

/** What {@link formatNetworks} wrote; undefined for anything else. */
export function parseNetworks(text: string): Networks | undefined {
  if (text === 'any') return 'any';
  return text === 'none' ? { ipv4: [], ipv6: [] } : networksOf(text.split(','));
}

/** CIDRs of both families, duplicates left out; undefined when one is none. */
export function networksOf(texts: readonly string[]): Networks | undefined {
  let ipv4 = none;
  let ipv6 = none;
  for (const text of texts) {
    const own = parseNetwork(text);
    const network = own ?? parseIpv6Cidr(text);
    if (network === undefined) return undefined;
    if (own === undefined) ipv6 = withNetwork(ipv6, network);
    else ipv4 = withNetwork(ipv4, network);
  }
  return { ipv4, ipv6 };
}

const none: readonly Cidr[] = [];

/** Lists are short: mostly one network, seldom ten. There are very many, so each takes no more room than it needs. */
function withNetwork(list: readonly Cidr[], network: Cidr): readonly Cidr[] {
  if (list.length === 0) return [network];
  return list.some((one) => isSameCidr(one, network)) ? list : [...list, network];
}

function isSameCidr(one: Cidr, other: Cidr): boolean {
  return one.address === other.address && one.prefix === other.prefix;
}
