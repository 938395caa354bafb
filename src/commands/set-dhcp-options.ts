import type { SetDhcpOptions } from '../contract/name-service-command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { guestKey, ofNetwork } from '../model/name-service.js';
import { serviceChanges, settingsChange } from './name-service.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/**
 * set-dhcp-options: all further options of a NIC. The call names the NIC by an id that no other call of generation 1 has; but it follows the
 * add-dhcp-entry of its NIC (NetworkOrchestrator, prepareNic). So an id that is not known yet is that of the NIC whose lease was sent last,
 * among those without an id. From then on they belong together.
 */
export function setDhcpOptions({ name, target, nicId, options }: SetDhcpOptions, domain: Domain): Plan {
  requireNetwork(name, target, domain);
  const { networkId } = target;
  const key = guestKey(networkId, nicId);
  if (options.length === 0) return serviceChanges(target, change(domain, 'nicOptions', key, undefined));
  const leases = ofNetwork(domain.lease.values(), networkId);
  const known = domain.nicOptions.get(key)?.mac;
  const others = new Set(
    ofNetwork(domain.nicOptions.values(), networkId).flatMap((nic) => (nic.nicId === nicId ? [] : [nic.mac])),
  );
  const mac = leases.some((lease) => lease.mac === known)
    ? known
    : leases.findLast((lease) => !others.has(lease.mac))?.mac;
  const changes = [
    ...settingsChange(domain, networkId, {}),
    ...change(domain, 'nicOptions', key, { networkId, nicId, mac, options }),
  ];
  if (mac !== undefined) return serviceChanges(target, changes);
  return plan({
    ...serviceChanges(target, changes),
    notes: [`set-dhcp-options: no NIC without options is known in network ${networkId}; they reach nobody yet`],
  });
}
