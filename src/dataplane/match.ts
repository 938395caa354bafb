/** What a rule of a list asks of a packet, taken apart: one IPv4 network on each side. */

import type { AclRule } from '../model/acl.js';
import type { EgressRule, IngressRule } from '../model/firewall.js';
import type { Networks, Traffic } from '../model/traffic.js';
import type { Cidr } from '../model/values.js';

/** Packets: all that is given must agree. Every match has every member: lists are long, and objects of one form are fast. */
export interface Match {
  readonly traffic: Traffic;
  /** Destination before DNAT. */
  readonly publicIp: string | undefined;
  /** Host bits cleared. */
  readonly source: Cidr | undefined;
  /** Host bits cleared. */
  readonly destination: Cidr | undefined;
}

const anywhere: readonly (Cidr | undefined)[] = [undefined];

/** The IPv4 networks of a list of networks. */
function ipv4Networks(networks: Networks): readonly (Cidr | undefined)[] {
  return networks === 'any' ? anywhere : networks.ipv4;
}

/** A network without length is every address. */
function narrowed(cidr: Cidr | undefined): Cidr | undefined {
  return cidr?.prefix === 0 ? undefined : cidr;
}

export function ingressMatches(rules: readonly IngressRule[]): Match[] {
  const matches: Match[] = [];
  for (const { publicIp, traffic, sources } of rules) {
    for (const source of ipv4Networks(sources)) {
      matches.push({ traffic, publicIp, source: narrowed(source), destination: undefined });
    }
  }
  return matches;
}

export function egressMatches(rules: readonly EgressRule[]): Match[] {
  const matches: Match[] = [];
  for (const { traffic, sources, destinations } of rules) {
    for (const source of ipv4Networks(sources)) {
      for (const destination of ipv4Networks(destinations)) {
        matches.push({ traffic, publicIp: undefined, source: narrowed(source), destination: narrowed(destination) });
      }
    }
  }
  return matches;
}

/** The other side is the source of what comes in to a tier, and the destination of what goes out. */
export function aclMatches({ direction, traffic, remotes }: AclRule): Match[] {
  return ipv4Networks(remotes).map((remote) => ({
    traffic,
    publicIp: undefined,
    source: direction === 'ingress' ? narrowed(remote) : undefined,
    destination: direction === 'egress' ? narrowed(remote) : undefined,
  }));
}
