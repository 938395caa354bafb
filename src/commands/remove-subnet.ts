import type { RemoveDhcpSubnet, RemoveDnsSubnet } from '../contract/name-service-command.js';
import type { Domain } from '../model/domain.js';
import { isServed, serviceChanges, settingsChange } from './name-service.js';
import { type Plan, plan } from './plan.js';

/** remove-dhcp-subnet: no DHCP any more; DNS stays as it is. */
export function removeDhcpSubnet({ target }: RemoveDhcpSubnet, domain: Domain): Plan {
  if (!isServed(target, domain)) return plan({});
  return serviceChanges(target, settingsChange(domain, target.networkId, { dhcp: false }));
}

/** remove-dns-subnet: no DNS any more, also not with the next name; DHCP stays as it is. */
export function removeDnsSubnet({ target }: RemoveDnsSubnet, domain: Domain): Plan {
  if (!isServed(target, domain)) return plan({});
  return serviceChanges(target, settingsChange(domain, target.networkId, { dns: 'off' }));
}
