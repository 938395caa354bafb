/** What a rule of a list asks of a packet, taken apart: one IPv4 network on each side. */

import type { AclRule } from '../model/acl.js';
import type { EgressRule, IngressRule } from '../model/firewall.js';
import type { Networks, Traffic } from '../model/traffic.js';
import type { Cidr } from '../model/values.js';

/** Packets: all that is given must agree. */
export interface Match {
  readonly traffic: Traffic;
  /** Destination before DNAT. */
  readonly publicIp?: string;
  /** Host bits cleared. */
  readonly source?: Cidr;
  /** Host bits cleared. */
  readonly destination?: Cidr;
}

/** The IPv4 networks of a list of networks; every address is one network without length. */
function ipv4Networks(networks: Networks): readonly (Cidr | undefined)[] {
  if (networks === 'any') return [undefined];
  return networks.ipv4.map((cidr) => (cidr.prefix === 0 ? undefined : cidr));
}

export function ingressMatches(rules: readonly IngressRule[]): Match[] {
  return rules.flatMap(({ publicIp, traffic, sources }) =>
    ipv4Networks(sources).map((source) => ({ traffic, publicIp, ...(source === undefined ? {} : { source }) })),
  );
}

export function egressMatches(rules: readonly EgressRule[]): Match[] {
  return rules.flatMap(({ traffic, sources, destinations }) =>
    ipv4Networks(sources).flatMap((source) =>
      ipv4Networks(destinations).map((destination) => ({
        traffic,
        ...(source === undefined ? {} : { source }),
        ...(destination === undefined ? {} : { destination }),
      })),
    ),
  );
}

/** The other side is the source of what comes in to a tier, and the destination of what goes out. */
export function aclMatches({ direction, traffic, remotes }: AclRule): Match[] {
  const side = direction === 'ingress' ? 'source' : 'destination';
  return ipv4Networks(remotes).map((remote) => ({ traffic, ...(remote === undefined ? {} : { [side]: remote }) }));
}
