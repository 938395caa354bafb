import type { ApplyNetworkAcl } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { type Plan, plan } from './plan.js';
import { isImplemented } from './require-network.js';

/** apply-network-acl: the complete list of a tier in place of the one before, in one transaction. */
export function applyNetworkAcl(command: ApplyNetworkAcl, domain: Domain): Plan {
  const { acl, target } = command;
  if (!isImplemented(target, domain)) {
    return plan({
      notes: [`apply-network-acl: network ${target.networkId} is not implemented; there is nothing to filter`],
    });
  }
  const changes = change(domain, 'acl', target.networkId, acl);
  return plan({ changes, endsRefusedConnections: changes.length > 0 });
}
