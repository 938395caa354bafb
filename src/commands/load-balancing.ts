/** What commands that touch load balancer rules have in common. */

import type { ConnectionFilter } from '../kernel/connection.js';
import { type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import { tcpProtocol } from '../model/traffic.js';
import type { ServiceWork } from './plan.js';

/** The work on a network's haproxy. */
export function haproxyOf(networkId: string): ServiceWork {
  return { service: 'haproxy', networkId };
}

/** The changes that take away the rules that are meant, and the work that follows from them. */
export function loadBalancersOff(
  domain: Domain,
  isMeant: (rule: LoadBalancerRule) => boolean,
): { readonly changes: readonly Change[]; readonly services: readonly ServiceWork[] } {
  const rules = [...domain.loadBalancer.values()].filter(isMeant);
  return {
    changes: rules.flatMap(({ id }) => change(domain, 'loadBalancer', id, undefined)),
    services: [...new Set(rules.map(({ networkId }) => networkId))].map(haproxyOf),
  };
}

/** The connections of clients that came by a rule. */
export function balancedConnections({
  publicIp,
  publicPort,
}: Pick<LoadBalancerRule, 'publicIp' | 'publicPort'>): ConnectionFilter {
  return { original: { destination: publicIp, protocol: tcpProtocol, destinationPort: publicPort } };
}
