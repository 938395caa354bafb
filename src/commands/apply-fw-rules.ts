import type { ApplyFirewallRules } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { type Plan, plan } from './plan.js';
import { isImplemented } from './require-network.js';

/** apply-fw-rules: the complete rules of a network in place of those before, in one transaction. */
export function applyFirewallRules(command: ApplyFirewallRules, domain: Domain): Plan {
  const { firewall, target } = command;
  const { networkId } = target;
  if (!isImplemented(target, domain)) {
    // Sent again while rules are revoked after a shutdown (CONTRACT §4.4): nothing is there that could be open.
    return plan({ notes: [`apply-fw-rules: network ${networkId} is not implemented; there is nothing to filter`] });
  }
  const others = [...firewall.publicIps].filter((publicIp) => {
    const owner = domain.address.get(publicIp)?.owner;
    return owner !== undefined && owner !== networkId;
  });
  const changes = change(domain, 'firewall', networkId, firewall);
  return plan({
    changes,
    endsRefusedConnections: changes.length > 0,
    notes: others.map((publicIp) => `apply-fw-rules: ${publicIp} belongs to another network; its rules do not count`),
  });
}
