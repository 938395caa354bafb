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

/** Packets: all that is given must agree. Every match has every member: lists are long, and objects of one form are fast. */
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

/** Is shown the matches of a list one by one, which is not to be kept: there are tens of thousands. */
export type Matches = (visit: (match: Match) => void) => void;

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

/** The same of one of many rules. */
function listedSides(family: Family, lists: NetworkLists, rule: number): readonly Side[] {
  if (lists.isAny(rule)) return anywhere;
  if (family === 'ip6') return lists.ipv6(rule).map(ipv6Side);
  const sides: Side[] = [];
  for (let place = lists.first(rule); place < lists.end(rule); place++) {
    sides.push([lists.address(place), lists.prefix(place)]);
  }
  return sides;
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
    for (let rule = 0; rule < list.count; rule++) {
      const traffic = trafficIn(family, list.traffic(rule));
      if (traffic === undefined) continue;
      const publicIp = family === 'ip' ? list.publicIp(rule) : undefined;
      for (const [source, sourceLength] of listedSides(family, list.sources, rule)) {
        visit({ traffic, publicIp, source, sourceLength, destination: 0, destinationLength: 0 });
      }
    }
  };
}

export function egressMatches(list: FirewallList, family: Family): Matches {
  return (visit) => {
    for (let rule = 0; rule < list.count; rule++) {
      const traffic = trafficIn(family, list.traffic(rule));
      if (traffic === undefined) continue;
      for (const [source, sourceLength] of listedSides(family, list.sources, rule)) {
        for (const [destination, destinationLength] of listedSides(family, list.destinations, rule)) {
          visit({ traffic, publicIp: undefined, source, sourceLength, destination, destinationLength });
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
