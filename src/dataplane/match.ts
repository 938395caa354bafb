/** What a rule of a list asks of a packet of one family, taken apart: one network on each side. */

import { ipv6Bytes } from '../address/bytes.js';
import type { AclRule } from '../model/acl.js';
import { parseAddress } from '../model/address.js';
import type { FirewallList } from '../model/firewall-list.js';
import type { NetworkLists } from '../model/network-lists.js';
import { icmpProtocol, icmpv6Protocol, type Networks, type Traffic } from '../model/traffic.js';
import type { Cidr } from '../model/values.js';
import type { Family } from './tables.js';

/** An IPv4 address as an unsigned number, or the 16 bytes of an IPv6 address. */
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

type VisitNetwork = (address: Address, length: number) => void;

/** The networks of a family; networks of the other are none of this one, and never any. */
function eachNetwork(family: Family, networks: Networks, visit: VisitNetwork): void {
  if (networks === 'any') visit(0, 0);
  else if (family === 'ip') for (const { address, prefix } of networks.ipv4) visit(parseAddress(address) ?? 0, prefix);
  else for (const cidr of networks.ipv6) visit(ipv6Address(cidr), cidr.prefix);
}

/** The same of one of many rules. */
function eachListed(family: Family, lists: NetworkLists, rule: number, visit: VisitNetwork): void {
  if (lists.isAny(rule)) visit(0, 0);
  else if (family === 'ip') lists.eachIpv4(rule, visit);
  else for (const cidr of lists.ipv6(rule)) visit(ipv6Address(cidr), cidr.prefix);
}

function ipv6Address({ address }: Cidr): Uint8Array {
  const bytes = new Uint8Array(16);
  ipv6Bytes(address, bytes, 0);
  return bytes;
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
      eachListed(family, list.sources, rule, (source, sourceLength) =>
        visit({ traffic, publicIp, source, sourceLength, destination: 0, destinationLength: 0 }),
      );
    }
  };
}

export function egressMatches(list: FirewallList, family: Family): Matches {
  return (visit) => {
    for (let rule = 0; rule < list.count; rule++) {
      const traffic = trafficIn(family, list.traffic(rule));
      if (traffic === undefined) continue;
      eachListed(family, list.sources, rule, (source, sourceLength) =>
        eachListed(family, list.destinations, rule, (destination, destinationLength) =>
          visit({ traffic, publicIp: undefined, source, sourceLength, destination, destinationLength }),
        ),
      );
    }
  };
}

/** The other side is the source of what comes in to a tier, and the destination of what goes out. */
export function aclMatches(rules: readonly AclRule[], family: Family): Matches {
  return (visit) => {
    for (const { direction, traffic: sent, remotes } of rules) {
      const traffic = trafficIn(family, sent);
      if (traffic === undefined) continue;
      eachNetwork(family, remotes, (address, length) =>
        visit(
          direction === 'ingress'
            ? {
                traffic,
                publicIp: undefined,
                source: address,
                sourceLength: length,
                destination: 0,
                destinationLength: 0,
              }
            : {
                traffic,
                publicIp: undefined,
                source: 0,
                sourceLength: 0,
                destination: address,
                destinationLength: length,
              },
        ),
      );
    }
  };
}
