/** What a rule of a list asks of a packet of one family, taken apart: one network on each side. */

import type { AclRule } from '../model/acl.js';
import type { EgressRule, IngressRule } from '../model/firewall.js';
import { icmpProtocol, icmpv6Protocol, type Networks, type Traffic } from '../model/traffic.js';
import type { Cidr } from '../model/values.js';
import type { Family } from './tables.js';

/** Packets: all that is given must agree. Every match has every member: lists are long, and objects of one form are fast. */
export interface Match {
  readonly traffic: Traffic;
  /** Destination before DNAT; of IPv4 only. */
  readonly publicIp: string | undefined;
  /** Host bits cleared. */
  readonly source: Cidr | undefined;
  /** Host bits cleared. */
  readonly destination: Cidr | undefined;
}

const anywhere: readonly (Cidr | undefined)[] = [undefined];

/** The networks of a family; networks of the other are none of this one, and never any. */
function networksIn(family: Family, networks: Networks): readonly (Cidr | undefined)[] {
  if (networks === 'any') return anywhere;
  return family === 'ip' ? networks.ipv4 : networks.ipv6;
}

/** A network without length is every address. */
function narrowed(cidr: Cidr | undefined): Cidr | undefined {
  return cidr?.prefix === 0 ? undefined : cidr;
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
export function ingressMatches(rules: readonly IngressRule[], family: Family): Match[] {
  const matches: Match[] = [];
  for (const { publicIp, traffic, sources } of rules) {
    const own = trafficIn(family, traffic);
    if (own === undefined) continue;
    const address = family === 'ip' ? publicIp : undefined;
    for (const source of networksIn(family, sources)) {
      matches.push({ traffic: own, publicIp: address, source: narrowed(source), destination: undefined });
    }
  }
  return matches;
}

export function egressMatches(rules: readonly EgressRule[], family: Family): Match[] {
  const matches: Match[] = [];
  for (const { traffic, sources, destinations } of rules) {
    const own = trafficIn(family, traffic);
    if (own === undefined) continue;
    for (const source of networksIn(family, sources)) {
      for (const destination of networksIn(family, destinations)) {
        matches.push({
          traffic: own,
          publicIp: undefined,
          source: narrowed(source),
          destination: narrowed(destination),
        });
      }
    }
  }
  return matches;
}

/** The other side is the source of what comes in to a tier, and the destination of what goes out. */
export function aclMatches({ direction, traffic, remotes }: AclRule, family: Family): Match[] {
  const own = trafficIn(family, traffic);
  if (own === undefined) return [];
  return networksIn(family, remotes).map((remote) => ({
    traffic: own,
    publicIp: undefined,
    source: direction === 'ingress' ? narrowed(remote) : undefined,
    destination: direction === 'egress' ? narrowed(remote) : undefined,
  }));
}
