/** What the commands about DHCP and DNS have in common. */

import type { NetworkTarget } from '../contract/command.js';
import { allOff, type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { type NameService, noNameService } from '../model/name-service.js';
import { type FreedAddress, type Plan, plan, type ServiceWork } from './plan.js';

/** The work on a network's dnsmasq. */
export function dnsmasqOf(networkId: string, freed: readonly FreedAddress[] = []): ServiceWork {
  return { service: 'dnsmasq', networkId, freed };
}

/** A plan that only changes what the guests of a network are told. */
export function serviceChanges(
  { networkId }: NetworkTarget,
  changes: readonly Change[],
  freed: readonly FreedAddress[] = [],
): Plan {
  return plan({ changes, services: [dnsmasqOf(networkId, freed)] });
}

/** The change of a network's settings; the network's own address is no resolver: it would ask itself. */
export function settingsChange(domain: Domain, networkId: string, given: Partial<NameService>): Change[] {
  const { extensionIp, gateway } = domain.network.get(networkId) ?? {};
  const settings = { ...(domain.nameService.get(networkId) ?? noNameService), ...given };
  const resolvers = settings.resolvers.filter((resolver) => resolver !== (extensionIp ?? gateway));
  return change(domain, 'nameService', networkId, { ...settings, resolvers });
}

/** Whether anything is known of a network's DHCP and DNS that a command could take away. */
export function isServed({ networkId }: NetworkTarget, domain: Domain): boolean {
  return domain.network.has(networkId) && domain.nameService.has(networkId);
}

/** Nothing of a network's DHCP and DNS stays. */
export function servicesOff(domain: Domain, networkId: string): Change[] {
  const own = (key: string) => key.startsWith(`${networkId} `);
  return [
    ...change(domain, 'nameService', networkId, undefined),
    ...allOff(domain, 'lease', own),
    ...allOff(domain, 'guestName', own),
    ...allOff(domain, 'nicOptions', own),
  ];
}
