import type { PrepareNic, ReleaseNic } from '../contract/name-service-command.js';
import { composed } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { dataServer, noNameService } from '../model/name-service.js';
import { forgetGuest } from '../state/user-data-edits.js';
import { addressesOf, newLease, removeDhcpEntry } from './dhcp-entry.js';
import { isDataServer, newName } from './dns-entry.js';
import { withIpv6 } from './guest-ipv6.js';
import { serviceChanges } from './name-service.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/**
 * prepare-nic: a guest is about to start. It has its lease where DHCP is served and its name where DNS is; whether they are is for
 * other commands to say, and networks without them get this call, too (CONTRACT §11.20). The network's IPv6 side is made complete: it is the first call
 * about a guest, and config-dhcp-subnet need not follow.
 */
export function prepareNic(command: PrepareNic, domain: Domain): Plan {
  const { name, target, mac, ip, ipv6Address, hostname } = command;
  requireNetwork(name, target, domain);
  const { networkId } = target;
  const { dhcp, dns } = domain.nameService.get(networkId) ?? noNameService;
  const lease = dhcp && mac !== undefined && ip !== undefined ? newLease({ ...command, mac, ip }, domain) : undefined;
  const isNamed = dns === 'on' && ip !== undefined && hostname !== undefined;
  const names = isNamed && !isDataServer(hostname) ? newName({ networkId, ip, ipv6Address, hostname }, domain) : [];
  const notes =
    isNamed && isDataServer(hostname)
      ? [`${name}: the name ${dataServer} is the network's own; ${ip} has no name`]
      : [];
  const changes = composed([...(lease?.changes ?? []), ...names]);
  const own =
    changes.length === 0 ? plan({ notes }) : plan({ ...serviceChanges(target, changes, lease?.freed), notes });
  return withIpv6(command, domain, own);
}

/** release-nic: a guest has stopped or is gone. Its lease, its names, its user data and its password go (CONTRACT §5.13). */
export function releaseNic(command: ReleaseNic, domain: Domain): Plan {
  const { target } = command;
  if (!domain.network.has(target.networkId)) return plan({});
  const { addresses } = addressesOf(command, domain);
  return plan({
    ...removeDhcpEntry(command, domain),
    files: addresses.flatMap((ip) => forgetGuest(target.networkId, ip)),
  });
}
