/** What a rule of a list asks of a packet of one family, taken apart: one network on each side. */

import { ipv6Bytes } from '../address/bytes.js';
import type { AclRule } from '../model/acl.js';
import { parseAddress } from '../model/address.js';
import type { FirewallList } from '../model/firewall-list.js';
import type { NetworkLists } from '../model/network-lists.js';
import { icmpProtocol, icmpv6Protocol, type Networks, type Traffic } from '../model/traffic.js';
import type { Cidr } from '../model/values.js';
import type { Family } from './tables.js';

/** An IPv4 address as a signed number of 32 bits, or the 16 bytes of an IPv6 address. */
export type Address = number | Uint8Array;

/** Packets: all that is given must agree. */
export interface Match {
  readonly traffic: Traffic;
  /** Destination before DNAT; of IPv4 only. */
  readonly publicIp: number | undefined;
  /** A network, host bits cleared; without length it is every address. */
  readonly source: Address;
  readonly sourceLength: number;
  /** A network, host bits cleared; without length it is every address. */
  readonly destination: Address;
  readonly destinationLength: number;
}

/** Shows the matches of a list one by one. There are tens of thousands, so it may be the same object each time, with other members. */
export type Matches = (visit: (match: Match) => void) => void;

/** Every packet. */
const everything: { -readonly [Member in keyof Match]: Match[Member] } = {
  traffic: { protocol: 'all' },
  publicIp: undefined,
  source: 0,
  sourceLength: 0,
  destination: 0,
  destinationLength: 0,
};

/** A network of one side. */
type Side = readonly [address: Address, length: number];

const anywhere: readonly Side[] = [[0, 0]];

/** The networks of a family; networks of the other are none of this one, and never any. */
function sidesIn(family: Family, networks: Networks): readonly Side[] {
  if (networks === 'any') return anywhere;
  return family === 'ip'
    ? networks.ipv4.map(({ address, prefix }): Side => [(parseAddress(address) ?? 0) | 0, prefix])
    : networks.ipv6.map(ipv6Side);
}

/** The same of each of many rules in turn, without an object for each network. */
class ListedSides {
  #first = 0;
  #ipv6: readonly Side[] = [];
  count = 0;

  constructor(
    private readonly family: Family,
    private readonly lists: NetworkLists,
  ) {}

  /** From now on it is about this rule. */
  goTo(rule: number): void {
    if (this.family === 'ip') {
      this.#first = this.lists.first(rule);
      this.count = this.lists.end(rule) - this.#first;
    } else {
      this.#ipv6 = this.lists.isAny(rule) ? anywhere : this.lists.ipv6(rule).map(ipv6Side);
      this.count = this.#ipv6.length;
    }
  }

  address(index: number): Address {
    return this.family === 'ip' ? this.lists.address(this.#first + index) : (this.#ipv6[index]?.[0] ?? 0);
  }

  length(index: number): number {
    return this.family === 'ip' ? this.lists.prefix(this.#first + index) : (this.#ipv6[index]?.[1] ?? 0);
  }
}

function ipv6Side({ address, prefix }: Cidr): Side {
  const bytes = new Uint8Array(16);
  ipv6Bytes(address, bytes, 0);
  return [bytes, prefix];
}

/** Echo reply and echo request of ICMP as ICMPv6 numbers them (RFC 792, RFC 4443). */
const echoTypes: ReadonlyMap<number, number> = new Map([
  [0, 129],
  [8, 128],
]);

/** Types of ICMPv6 that are no errors begin here; errors belong to a connection and need no rule. */
const firstIcmpv6Message = 128;

/**
 * What a rule's traffic is in a family; undefined when it is nothing there. CloudStack says `icmp` for both, with the types of IPv4: in IPv6 it is
 * ICMPv6, the types of echo are translated, those from 128 on are ICMPv6's own, and the others, which have no counterpart that begins
 * anything, mean no packet.
 */
function trafficIn(family: Family, traffic: Traffic): Traffic | undefined {
  const { protocol, icmp } = traffic;
  if (family === 'ip') return protocol === icmpv6Protocol && icmp !== undefined ? undefined : traffic;
  if (protocol !== icmpProtocol) return traffic;
  if (icmp === undefined) return { protocol: icmpv6Protocol };
  const type = icmp.type >= firstIcmpv6Message ? icmp.type : echoTypes.get(icmp.type);
  return type === undefined ? undefined : { protocol: icmpv6Protocol, icmp: { type, code: icmp.code } };
}

/**
 * What comes in from outside. In IPv6 guests are called by their own addresses: there a rule is about all guests of its network, whichever public
 * address it names.
 */
export function ingressMatches(list: FirewallList, family: Family): Matches {
  return (visit) => {
    const sources = new ListedSides(family, list.sources);
    const match = { ...everything };
    for (let rule = 0; rule < list.count; rule++) {
      const traffic = trafficIn(family, list.traffic(rule));
      if (traffic === undefined) continue;
      match.traffic = traffic;
      match.publicIp = family === 'ip' ? list.publicIp(rule) : undefined;
      sources.goTo(rule);
      for (let index = 0; index < sources.count; index++) {
        match.source = sources.address(index);
        match.sourceLength = sources.length(index);
        visit(match);
      }
    }
  };
}

export function egressMatches(list: FirewallList, family: Family): Matches {
  return (visit) => {
    const sources = new ListedSides(family, list.sources);
    const destinations = new ListedSides(family, list.destinations);
    const match = { ...everything };
    for (let rule = 0; rule < list.count; rule++) {
      const traffic = trafficIn(family, list.traffic(rule));
      if (traffic === undefined) continue;
      match.traffic = traffic;
      sources.goTo(rule);
      destinations.goTo(rule);
      for (let source = 0; source < sources.count; source++) {
        match.source = sources.address(source);
        match.sourceLength = sources.length(source);
        for (let destination = 0; destination < destinations.count; destination++) {
          match.destination = destinations.address(destination);
          match.destinationLength = destinations.length(destination);
          visit(match);
        }
      }
    }
  };
}

/** The other side is the source of what comes in to a tier, and the destination of what goes out. */
export function aclMatches(rules: readonly AclRule[], family: Family): Matches {
  return (visit) => {
    for (const { direction, traffic: sent, remotes } of rules) {
      const traffic = trafficIn(family, sent);
      if (traffic === undefined) continue;
      const isIngress = direction === 'ingress';
      for (const [address, length] of sidesIn(family, remotes)) {
        visit({
          traffic,
          publicIp: undefined,
          source: isIngress ? address : 0,
          sourceLength: isIngress ? length : 0,
          destination: isIngress ? 0 : address,
          destinationLength: isIngress ? 0 : length,
        });
      }
    }
  };
}
