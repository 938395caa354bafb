import type { AddDnsEntry, RemoveDnsEntry } from '../contract/name-service-command.js';
import { type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { dataServer, type GuestName, guestKey, noNameService, ofNetwork } from '../model/name-service.js';
import { isServed, serviceChanges, settingsChange } from './name-service.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/**
 * add-dns-entry: the address has this name and no other, and no other address has it. The first name turns DNS on if nobody has asked for
 * DNS or against it: dual-stack networks get no config-dns-subnet (CONTRACT §11.5). An IPv6 address has the same name; one that is not sent
 * is none.
 */
export function addDnsEntry({ name, target, ip, ipv6Address, hostname }: AddDnsEntry, domain: Domain): Plan {
  requireNetwork(name, target, domain);
  const { networkId } = target;
  if (isDataServer(hostname)) {
    // The VM works all the same; but guests that ask for their metadata must not be led to it.
    return plan({ notes: [`${name}: the name ${dataServer} is the network's own; ${ip} has no name`] });
  }
  const { dns } = domain.nameService.get(networkId) ?? noNameService;
  return serviceChanges(target, [
    ...settingsChange(domain, networkId, { dns: dns === 'unset' ? 'on' : dns }),
    ...newName({ networkId, ip, ipv6Address, hostname }, domain),
  ]);
}

/** Whether a guest is called like the network's own name for where its metadata is. */
export function isDataServer(hostname: string): boolean {
  return hostname.toLowerCase() === dataServer;
}

/** The address has this name and no other, and no other address has it. */
export function newName(name: GuestName, domain: Domain): Change[] {
  const { networkId, ip, hostname } = name;
  const former = ofNetwork(domain.guestName.values(), networkId).filter(
    (other) => other.ip !== ip && other.hostname.toLowerCase() === hostname.toLowerCase(),
  );
  return [
    ...former.flatMap((other) => change(domain, 'guestName', guestKey(networkId, other.ip), undefined)),
    ...change(domain, 'guestName', guestKey(networkId, ip), name),
  ];
}

/** remove-dns-entry: the address has no name any more, not by its lease either. */
export function removeDnsEntry({ target, ip }: RemoveDnsEntry, domain: Domain): Plan {
  if (!isServed(target, domain) || ip === undefined) return plan({});
  const { networkId } = target;
  const named = ofNetwork(domain.lease.values(), networkId).filter(
    (lease) => lease.ip === ip && lease.hostname !== undefined,
  );
  return serviceChanges(
    target,
    [
      ...change(domain, 'guestName', guestKey(networkId, ip), undefined),
      ...named.flatMap((lease) =>
        change(domain, 'lease', guestKey(networkId, lease.mac), { ...lease, hostname: undefined }),
      ),
    ],
    [{ ip, keep: undefined }],
  );
}
