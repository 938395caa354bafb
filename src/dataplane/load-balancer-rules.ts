/** How clients come to haproxy, which listens in the namespace itself. */

import { accept, jump } from '../kernel/nft/expression.js';
import { Acl } from '../model/acl.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import { loadBalancerChain } from '../model/names.js';
import { type Traffic, tcpProtocol } from '../model/traffic.js';
import { orderedList } from './acl-rules.js';
import { aclRuns } from './list-groups.js';
import { type Derived, derivedElement } from './ruleset.js';

/**
 * What the ruleset holds because of a rule: its port leads to itself, so that neither a port forward nor the static NAT of the same address takes
 * what is meant for haproxy; and haproxy may be reached there.
 *
 * @param acl that of the network; undefined when nobody has sent one
 */
export function loadBalancerRules(rule: LoadBalancerRule, acl: Acl | undefined): Derived[] {
  const { id, publicIp, publicPort } = rule;
  const key = [publicIp, tcpProtocol, publicPort];
  const itself = derivedElement('portForward', key, [publicIp, publicPort]);
  if (acl === undefined) return [itself, derivedElement('loadBalancer', key, accept)];
  const name = loadBalancerChain(id);
  return [
    itself,
    ...orderedList(name, aclRuns(clientAcl(acl, rule), 'ip').ingress, accept, 'ip'),
    derivedElement('loadBalancer', key, jump(name)),
  ];
}

const made = new WeakMap<Acl, Map<number, Acl>>();

/**
 * What a tier's ACL says of the clients of a rule. It speaks of the guests' port, which a client's packet does not have when it comes in, and
 * haproxy's own connections to the guests do not tell whose they are. So the entries about the guests' port are asked for the client alone.
 */
export function clientAcl(acl: Acl, { privatePort }: LoadBalancerRule): Acl {
  const known = made.get(acl)?.get(privatePort);
  if (known !== undefined) return known;
  const entries = acl.rules.filter(
    ({ direction, traffic }) => direction === 'ingress' && isAbout(traffic, privatePort),
  );
  const clients = new Acl(entries.map((entry) => ({ ...entry, traffic: { protocol: 'all' } as const })));
  made.set(acl, (made.get(acl) ?? new Map()).set(privatePort, clients));
  return clients;
}

function isAbout({ protocol, ports }: Traffic, port: number): boolean {
  if (protocol === 'all') return true;
  if (protocol !== tcpProtocol) return false;
  return ports === undefined || (ports.first <= port && port <= ports.last);
}
