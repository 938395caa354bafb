/** Our tables, the maps in them, and the names of what is in them. */

import type { Chain } from '../kernel/nft/chain.js';
import type { NamedCounter } from '../kernel/nft/named-object.js';
import type { NamedSet } from '../kernel/nft/set.js';
import type { Table } from '../kernel/nft/table.js';

/** The families rules are made for, each with a table of its own. */
export type Family = 'ip' | 'ip6';

/** Our table; other tables are never touched. */
export const table: Table = { object: 'table', family: 'ip', name: 'cloudstack' };

/** Our table for IPv6. It is there only in a namespace with a network that has an IPv6 side: in all others IPv6 is off, and costs nothing. */
export const ipv6Table: Table = { object: 'table', family: 'ip6', name: 'cloudstack' };

export const tables: Readonly<Record<Family, Table>> = { ip: table, ip6: ipv6Table };

type MapProperties = Omit<NamedSet, 'object' | 'table' | 'name'>;

const mapIn =
  (place: Table) =>
  <const Properties extends MapProperties>(name: string, properties: Properties) =>
    ({ object: 'set', table: place, name, ...properties }) as const satisfies NamedSet;

const map = mapIn(table);
const ipv6Map = mapIn(ipv6Table);

/** The maps of IPv4. */
export const ipv4Maps = {
  /** One public port → private address and port. */
  portForward: map('port_forward', {
    key: ['ipv4_addr', 'inet_proto', 'inet_service'],
    data: ['ipv4_addr', 'inet_service'],
  }),
  /** A range of public ports → private address, same ports. */
  portForwardRange: map('port_forward_range', {
    key: ['ipv4_addr', 'inet_proto', 'inet_service'],
    data: ['ipv4_addr'],
    interval: true,
  }),
  /** Public → private address. */
  staticNat: map('static_nat', { key: ['ipv4_addr'], data: ['ipv4_addr'] }),
  /** Public port that haproxy listens on → accept, or the chain that asks the tier's ACL about the client. */
  loadBalancer: map('load_balancer', { key: ['ipv4_addr', 'inet_proto', 'inet_service'], data: 'verdict' }),
  /** Public link and private address → public address. */
  staticNatSource: map('static_nat_source', { key: ['ifname', 'ipv4_addr'], data: ['ipv4_addr'] }),
  /** Public address → DNAT chain of its network. */
  publicAddress: map('public_address', { key: ['ipv4_addr'], data: 'verdict' }),
  /** Guest CIDR → SNAT chain of its network. */
  guestAddress: map('guest_address', { key: ['ipv4_addr'], data: 'verdict', interval: true }),
  /** Public address → chain with its firewall, for connections from wherever. */
  ingressFirewall: map('ingress_firewall', { key: ['ipv4_addr'], data: 'verdict' }),
  /** Guest link → chain with what of its network's ACL is about packets that go to it. */
  aclIngress: map('acl_ingress', { key: ['ifname'], data: 'verdict' }),
  /** Guest link and an address on it: only so the namespace's own services are reached, and not those of another tier. */
  guestService: map('guest_service', { key: ['ifname', 'ipv4_addr'] }),
  /** Guest link → forwarding chain of its network, for packets that come from it. */
  fromGuest: map('from_guest', { key: ['ifname'], data: 'verdict' }),
  /** Guest link → forwarding chain of its network, for packets that go to it. */
  toGuest: map('to_guest', { key: ['ifname'], data: 'verdict' }),
} as const;

/** The maps of IPv6: nothing is translated there. Those of links are named and meant as in IPv4. */
export const ipv6Maps = {
  ipv6AclIngress: ipv6Map('acl_ingress', { key: ['ifname'], data: 'verdict' }),
  /** Guest link and our address on it, which answers pings. */
  ipv6GuestService: ipv6Map('guest_service', { key: ['ifname', 'ipv6_addr'] }),
  ipv6FromGuest: ipv6Map('from_guest', { key: ['ifname'], data: 'verdict' }),
  ipv6ToGuest: ipv6Map('to_guest', { key: ['ifname'], data: 'verdict' }),
} as const;

export const maps = { ...ipv4Maps, ...ipv6Maps } as const;

export type MapName = keyof typeof maps;

/** A plain chain of ours. */
export function chainNamed(name: string, family: Family = 'ip'): Chain {
  return { object: 'chain', table: tables[family], name };
}

/** A counter of ours. */
export function counterNamed(name: string, family: Family = 'ip'): NamedCounter {
  return { object: 'counter', table: tables[family], name };
}
