import type { RestoredGuest, RestoreNetwork } from '../contract/command.js';
import { type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { dataServer, guestKey, isLeaseName, type Lease, noNameService, ofNetwork } from '../model/name-service.js';
import { writeManyGuests } from '../state/user-data-edits.js';
import { isServed, serviceChanges, settingsChange } from './name-service.js';
import { type Plan, plan } from './plan.js';
import { type ReplacedLeases, replaceLeases } from './replace-leases.js';
import { requireNetwork } from './require-network.js';
import { tellGuests } from './save-user-data.js';

/**
 * restore-network: DHCP, DNS and user data of all NICs at once, also of a network that has none of them yet.
 *
 * The list is complete (CONTRACT §6.5), so leases and names of NICs that are not in it end, and a service that is not enabled does not run;
 * what it knew stays. User data and passwords of other addresses stay: CloudStack sends no password again, in generation 1 nothing takes them
 * away but the end of the network, and whoever gets such an address is told nothing of them ({@link tellGuests}).
 */
export function restoreNetwork(command: RestoreNetwork, domain: Domain): Plan {
  const { name, target, dhcp, dns, userData } = command;
  requireNetwork(name, target, domain);
  const guests = lastOfEach(command.guests);
  const names = guests.filter(({ hostname }) => hostname?.toLowerCase() === dataServer);
  const told = guests
    .filter(({ files, password }) => files.length > 0 || password !== undefined)
    .map(({ ip, files, password }) => ({ guestIp: ip, files, password }));
  const services = dhcp || dns || isServed(target, domain) ? nameServices(command, guests, domain) : plan({});
  const data = userData
    ? tellGuests(target.networkId, told, writeManyGuests(target.networkId, told), domain)
    : plan({});
  return plan({
    links: data.links,
    changes: [...services.changes, ...data.changes],
    files: data.files,
    services: services.services,
    notes: dns ? names.map(({ ip }) => `${name}: the name ${dataServer} is the network's own; ${ip} has no name`) : [],
  });
}

/** Of two that have the same address, of either kind, the last counts. */
function lastOfEach(guests: readonly RestoredGuest[]): RestoredGuest[] {
  const ips = new Set<string>();
  const macs = new Set<string>();
  return guests
    .toReversed()
    .filter(({ ip, mac }) => {
      if (ips.has(ip) || (mac !== undefined && macs.has(mac))) return false;
      ips.add(ip);
      if (mac !== undefined) macs.add(mac);
      return true;
    })
    .reverse();
}

function nameServices(command: RestoreNetwork, guests: readonly RestoredGuest[], domain: Domain): Plan {
  const { target, dhcp, dns, resolvers, domain: domainName } = command;
  const { networkId } = target;
  const known = domain.nameService.get(networkId) ?? noNameService;
  const settings = {
    dhcp,
    dns: dns ? 'on' : known.dns === 'on' ? 'off' : known.dns,
    ...(dhcp || dns ? { resolvers, domain: domainName } : {}),
  } as const;
  const none: ReplacedLeases = { changes: [], left: [], freed: [] };
  const leases = dhcp
    ? replaceLeases(
        networkId,
        guests.flatMap((guest) => leaseOf(networkId, guest, domain)),
        domain,
      )
    : none;
  return serviceChanges(
    target,
    [
      ...settingsChange(domain, networkId, settings),
      ...leases.changes,
      ...(dns
        ? replaceNames(networkId, guests, domain)
        : leases.left.flatMap((ip) => change(domain, 'guestName', guestKey(networkId, ip), undefined))),
    ],
    leases.freed,
  );
}

/** The list names no NIC's own router; one that is known stays with the address. */
function leaseOf(networkId: string, { ip, mac, hostname, isDefaultNic }: RestoredGuest, domain: Domain): Lease[] {
  if (mac === undefined) return [];
  const known = domain.lease.get(guestKey(networkId, mac));
  const own = known?.ip === ip && known.router !== 'none' ? known.router : 'network';
  return [
    {
      networkId,
      mac,
      ip,
      hostname: hostname !== undefined && isLeaseName(hostname) ? hostname : undefined,
      router: isDefaultNic ? own : 'none',
    },
  ];
}

/** The names of a network and no others; of two addresses with one name the last has it. */
function replaceNames(networkId: string, guests: readonly RestoredGuest[], domain: Domain): Change[] {
  const owners = new Map<string, string>();
  for (const { ip, hostname } of guests) if (hostname !== undefined) owners.set(hostname.toLowerCase(), ip);
  owners.delete(dataServer);
  const named = guests.filter(({ ip, hostname }) => owners.get(hostname?.toLowerCase() ?? '') === ip);
  const ips = new Set(named.map(({ ip }) => ip));
  return [
    ...ofNetwork(domain.guestName.values(), networkId)
      .filter(({ ip }) => !ips.has(ip))
      .flatMap(({ ip }) => change(domain, 'guestName', guestKey(networkId, ip), undefined)),
    ...named.flatMap(({ ip, ipv6Address, hostname }) =>
      hostname === undefined
        ? []
        : change(domain, 'guestName', guestKey(networkId, ip), { networkId, ip, ipv6Address, hostname }),
    ),
  ];
}
