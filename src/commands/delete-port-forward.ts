import type { DeletePortForward } from '../contract/command.js';
import { change } from '../model/change.js';
import { type Domain, portForwardKey } from '../model/domain.js';
import { formatPortRange } from '../model/ports.js';
import { forwardConnections } from './add-port-forward.js';
import { type Plan, plan } from './plan.js';

/** delete-port-forward: found by protocol, public address and public ports; where it led need not be sent. */
export function deletePortForward(command: DeletePortForward, domain: Domain): Plan {
  const { protocol, publicIp, publicPorts } = command;
  if (publicIp === undefined) {
    return plan({ notes: ['delete-port-forward: no --public-ip was sent; nothing to delete'] });
  }
  const key = portForwardKey({ protocol, publicIp, publicPorts });
  const changes = change(domain, 'portForward', key, undefined);
  if (changes.length === 0) {
    return plan({
      notes: [`delete-port-forward: ${protocol} ${publicIp}:${formatPortRange(publicPorts)} is not forwarded`],
    });
  }
  return plan({ changes, endConnections: forwardConnections({ protocol, publicIp, publicPorts }) });
}
