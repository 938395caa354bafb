import type { DeleteStaticNat } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { type Plan, plan } from './plan.js';
import { connectionsOf } from './public-address.js';

/** delete-static-nat: the private address need not be sent, the public one says which. */
export function deleteStaticNat(command: DeleteStaticNat, domain: Domain): Plan {
  const { publicIp } = command;
  if (publicIp === undefined) return plan({ notes: ['delete-static-nat: no --public-ip was sent; nothing to delete'] });
  const changes = change(domain, 'staticNat', publicIp, undefined);
  if (changes.length === 0) return plan({ notes: [`delete-static-nat: ${publicIp} has no static NAT`] });
  return plan({ changes, endConnections: connectionsOf(publicIp) });
}
