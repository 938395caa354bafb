import type { ApplyLoadBalancerRules } from '../contract/command.js';
import { type Change, change } from '../model/change.js';
import type { Domain, PortForward } from '../model/domain.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import { formatPortRange } from '../model/ports.js';
import { removeRule } from '../state/haproxy-edits.js';
import { CommandError } from './command-error.js';
import { balancedConnections, haproxyOf } from './load-balancing.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/**
 * apply-lb-rules: the rules that are sent come, change or go; all others stay. Rules are also revoked after their network is gone
 * (CONTRACT §4.4), so for that nothing need be there.
 *
 * Clients of a rule that goes, or that moves to another port, are cut off, as those of a port forward are. Those of a guest that is no longer
 * one of the backends are not: it gets no new connections, and the ones it has may end by themselves.
 */
export function applyLoadBalancerRules(command: ApplyLoadBalancerRules, domain: Domain): Plan {
  const { name, target, rules } = command;
  const { networkId } = target;
  if (rules.length > 0) requireNetwork(name, target, domain);
  const revoked = command.revoked.flatMap((id) => {
    const rule = domain.loadBalancer.get(id);
    return rule?.networkId === networkId ? [rule] : [];
  });
  const gone = new Set(revoked.map(({ id }) => id));
  const others = new Map(
    [...domain.loadBalancer].filter(([id]) => !gone.has(id) && !rules.some((one) => one.id === id)),
  );
  for (const rule of rules) {
    refuseTaken(rule, domain, others.values());
    others.set(rule.id, rule);
  }
  const changes: Change[] = [
    ...revoked.flatMap(({ id }) => change(domain, 'loadBalancer', id, undefined)),
    ...rules.flatMap((rule) => change(domain, 'loadBalancer', rule.id, rule)),
  ];
  const left = changes.flatMap((edit) => {
    if (edit.kind !== 'loadBalancer' || edit.before === undefined) return [];
    const { before, after } = edit;
    return before.publicIp === after?.publicIp && before.publicPort === after.publicPort ? [] : [before];
  });
  // A file that is not understood, or whose address is not there, must not come back to life when it is.
  const unknown = command.revoked.filter((id) => !gone.has(id));
  return plan({
    changes,
    files: unknown.map((id) => removeRule(networkId, id)),
    services: changes.length > 0 || rules.length > 0 ? [haproxyOf(networkId)] : [],
    endConnections: left.map(balancedConnections),
    notes: unknown.map((id) => `apply-lb-rules: rule ${id} is not there`),
  });
}

/** A port can lead to one place only, and haproxy can listen only on an address that is there. */
function refuseTaken(rule: LoadBalancerRule, domain: Domain, others: Iterable<LoadBalancerRule>): void {
  const { id, publicIp, publicPort, networkId } = rule;
  const refused = (reason: string, expected: string) =>
    new CommandError(`apply-lb-rules: rule ${id}: ${reason}; no rule was changed; expected ${expected}`);
  const known = domain.loadBalancer.get(id);
  if (known !== undefined && known.networkId !== networkId) {
    throw refused(`it is a rule of network ${known.networkId}`, 'an id of its own');
  }
  if (!domain.address.has(publicIp)) throw refused(`${publicIp} is not assigned`, 'assign-ip first');
  const place = `${publicIp}:${publicPort}`;
  for (const other of others) {
    if (other.publicIp === publicIp && other.publicPort === publicPort) {
      throw refused(`${place} is taken by rule ${other.id}`, 'an address and port of its own');
    }
  }
  const forward = tcpForwardAt(domain, publicIp, publicPort);
  if (forward !== undefined) {
    const from = `${forward.publicIp}:${formatPortRange(forward.publicPorts)}`;
    throw refused(`${place} is taken by the port forward of ${from} to ${forward.privateIp}`, 'a port of its own');
  }
}

function tcpForwardAt({ portForward }: Domain, publicIp: string, port: number): PortForward | undefined {
  for (const forward of portForward.values()) {
    const { first, last } = forward.publicPorts;
    if (forward.protocol === 'tcp' && forward.publicIp === publicIp && first <= port && port <= last) return forward;
  }
  return undefined;
}
