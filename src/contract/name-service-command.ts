/** The typed commands about DHCP and DNS of a network (CONTRACT §5.12). */

import type { GuestIpv6 } from '../model/domain.js';
import type { NetworkTarget } from './command.js';

/** DHCP is to run; DNS stays as it is. */
export interface ConfigDhcpSubnet {
  readonly name: 'config-dhcp-subnet';
  readonly target: NetworkTarget;
  readonly resolvers: readonly string[];
  readonly domain: string | undefined;
  /** A network may get an IPv6 side after implement-network. Undefined when not sent: what is known stays. */
  readonly ipv6: GuestIpv6 | undefined;
}

/** DHCP and DNS are to run. */
export interface ConfigDnsSubnet {
  readonly name: 'config-dns-subnet';
  readonly target: NetworkTarget;
  readonly resolvers: readonly string[];
  readonly domain: string | undefined;
  /** A network may get an IPv6 side after implement-network. Undefined when not sent: what is known stays. */
  readonly ipv6: GuestIpv6 | undefined;
}

export interface RemoveDhcpSubnet {
  readonly name: 'remove-dhcp-subnet';
  readonly target: NetworkTarget;
}

export interface RemoveDnsSubnet {
  readonly name: 'remove-dns-subnet';
  readonly target: NetworkTarget;
}

export interface AddDhcpEntry {
  readonly name: 'add-dhcp-entry';
  readonly target: NetworkTarget;
  readonly mac: string;
  readonly ip: string;
  readonly hostname: string | undefined;
  /** The NIC's router; the network's when not sent. */
  readonly gateway: string | undefined;
  /** A secondary NIC is told no router. */
  readonly isDefaultNic: boolean;
  /** Undefined when not sent: what was configured stays. */
  readonly resolvers: readonly string[] | undefined;
  readonly domain: string | undefined;
}

/** Either may be missing; what is there counts. */
export interface RemoveDhcpEntry {
  readonly name: 'remove-dhcp-entry';
  readonly target: NetworkTarget;
  readonly mac: string | undefined;
  readonly ip: string | undefined;
}

export interface SetDhcpOptions {
  readonly name: 'set-dhcp-options';
  readonly target: NetworkTarget;
  readonly nicId: string;
  /** All of the NIC's, by code, ascending. */
  readonly options: readonly (readonly [code: number, value: string])[];
}

export interface AddDnsEntry {
  readonly name: 'add-dns-entry';
  readonly target: NetworkTarget;
  readonly ip: string;
  /** The guest's IPv6 address; undefined when not sent. */
  readonly ipv6Address: string | undefined;
  readonly hostname: string;
}

export interface RemoveDnsEntry {
  readonly name: 'remove-dns-entry';
  readonly target: NetworkTarget;
  readonly ip: string | undefined;
}

/** A NIC that a guest will start with: what is served anyway is served to it, too. Any value may be missing. */
export interface PrepareNic {
  readonly name: 'prepare-nic';
  readonly target: NetworkTarget;
  readonly mac: string | undefined;
  readonly ip: string | undefined;
  /** The guest's IPv6 address; undefined when not sent. */
  readonly ipv6Address: string | undefined;
  readonly hostname: string | undefined;
  /** The NIC's router; the network's when not sent. */
  readonly gateway: string | undefined;
  /** A secondary NIC is told no router. */
  readonly isDefaultNic: boolean;
  /** What the network's IPv6 side is to be; undefined when not sent: what is known stays. */
  readonly ipv6: GuestIpv6 | undefined;
}

/** A NIC that its guest does not use any more: nothing that was said to it or about it stays. */
export interface ReleaseNic {
  readonly name: 'release-nic';
  readonly target: NetworkTarget;
  readonly mac: string | undefined;
  readonly ip: string | undefined;
}

export type NameServiceCommand =
  | ConfigDhcpSubnet
  | ConfigDnsSubnet
  | RemoveDhcpSubnet
  | RemoveDnsSubnet
  | AddDhcpEntry
  | RemoveDhcpEntry
  | SetDhcpOptions
  | AddDnsEntry
  | RemoveDnsEntry
  | PrepareNic
  | ReleaseNic;
