import type { AddDhcpEntry, RemoveDhcpEntry } from '../contract/name-service-command.js';
import { type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { guestKey, isLeaseName, type Lease, ofNetwork } from '../model/name-service.js';
import { isServed, serviceChanges, settingsChange } from './name-service.js';
import { type FreedAddress, type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/**
 * add-dhcp-entry: the NIC has this address from now on, and no other; no other NIC has it. It also turns DHCP on: networks without several
 * subnets get no config-dhcp-subnet (CONTRACT §4.1).
 */
export function addDhcpEntry(command: AddDhcpEntry, domain: Domain): Plan {
  const { name, target } = command;
  requireNetwork(name, target, domain);
  const settings = settingsChange(domain, target.networkId, {
    dhcp: true,
    ...(command.resolvers === undefined ? {} : { resolvers: command.resolvers }),
    ...(command.domain === undefined ? {} : { domain: command.domain }),
  });
  const { changes, freed } = newLease(command, domain);
  return serviceChanges(target, [...settings, ...changes], freed);
}

/** What is said of a NIC that gets an address. */
type LeasedNic = Pick<AddDhcpEntry, 'target' | 'mac' | 'ip' | 'hostname' | 'gateway' | 'isDefaultNic'>;

/** The NIC has this address from now on, and no other; no other NIC has it. */
export function newLease(
  nic: LeasedNic,
  domain: Domain,
): { readonly changes: readonly Change[]; readonly freed: readonly FreedAddress[] } {
  const { mac, ip } = nic;
  const { networkId } = nic.target;
  const leases = ofNetwork(domain.lease.values(), networkId);
  const known = domain.lease.get(guestKey(networkId, mac));
  const former = leases.filter((other) => other.ip === ip && other.mac !== mac);
  const hasMoved = known !== undefined && known.ip !== ip;
  return {
    changes: [
      ...former.flatMap((other) => endLease(domain, other)),
      ...former.flatMap((other) => optionsTo(domain, other, mac)),
      ...(hasMoved ? change(domain, 'guestName', guestKey(networkId, known.ip), undefined) : []),
      ...leaseChange(domain, leaseOf(nic, domain), leases.at(-1)),
    ],
    freed: [{ ip, keep: mac }, ...(hasMoved ? [{ ip: known.ip, keep: undefined }] : [])],
  };
}

/** remove-dhcp-entry: the NIC's address, its options, and the name of its address are forgotten (CONTRACT §4.2). */
export function removeDhcpEntry(nic: Omit<RemoveDhcpEntry, 'name'>, domain: Domain): Plan {
  const { target } = nic;
  if (!isServed(target, domain)) return plan({});
  const { networkId } = target;
  const { ended, addresses } = addressesOf(nic, domain);
  return serviceChanges(
    target,
    [
      ...ended.flatMap((lease) => endLease(domain, lease)),
      ...ended.flatMap((lease) => endOptions(domain, lease)),
      ...addresses.flatMap((address) => change(domain, 'guestName', guestKey(networkId, address), undefined)),
    ],
    // While dnsmasq remembers the lease it answers with its name.
    addresses.map((address): FreedAddress => ({ ip: address, keep: undefined })),
  );
}

/** The leases of a NIC, and the addresses that are its own: one that is sent may be another NIC's by now. */
export function addressesOf(
  { target: { networkId }, mac, ip }: Omit<RemoveDhcpEntry, 'name'>,
  domain: Domain,
): { readonly ended: readonly Lease[]; readonly addresses: readonly string[] } {
  // Without a MAC address the IP address decides.
  const leases = ofNetwork(domain.lease.values(), networkId);
  const ended = leases.filter((lease) => (mac === undefined ? lease.ip === ip : lease.mac === mac));
  const isTaken = leases.some((lease) => lease.ip === ip && !ended.includes(lease));
  const own = [...ended.map((lease) => lease.ip), ...(ip === undefined || isTaken ? [] : [ip])];
  return { ended, addresses: [...new Set(own)] };
}

function leaseOf({ target, mac, ip, hostname, gateway, isDefaultNic }: LeasedNic, domain: Domain): Lease {
  const isOther = gateway !== undefined && gateway !== domain.network.get(target.networkId)?.gateway;
  return {
    networkId: target.networkId,
    mac,
    ip,
    hostname: hostname !== undefined && isLeaseName(hostname) ? hostname : undefined,
    router: isDefaultNic ? (isOther ? gateway : 'network') : 'none',
  };
}

/** A lease that is sent comes last, also when it is known: DHCP options that follow are meant for it. */
function leaseChange(domain: Domain, lease: Lease, last: Lease | undefined): Change[] {
  const key = guestKey(lease.networkId, lease.mac);
  const known = domain.lease.get(key);
  if (known === undefined || last?.mac === lease.mac) return change(domain, 'lease', key, lease);
  return [
    { kind: 'lease', key, before: known, after: undefined },
    { kind: 'lease', key, before: undefined, after: lease },
  ];
}

/** A lease is forgotten. */
export function endLease(domain: Domain, { networkId, mac }: Lease): Change[] {
  return change(domain, 'lease', guestKey(networkId, mac), undefined);
}

/** A NIC that has got another MAC address keeps its options. */
export function optionsTo(domain: Domain, { networkId, mac: from }: Lease, mac: string): Change[] {
  return ofNetwork(domain.nicOptions.values(), networkId)
    .filter((nic) => nic.mac === from)
    .flatMap((nic) => change(domain, 'nicOptions', guestKey(networkId, nic.nicId), { ...nic, mac }));
}

/** The options of a NIC are forgotten. */
export function endOptions(domain: Domain, { networkId, mac }: Lease): Change[] {
  return ofNetwork(domain.nicOptions.values(), networkId)
    .filter((nic) => nic.mac === mac)
    .flatMap((nic) => change(domain, 'nicOptions', guestKey(networkId, nic.nicId), undefined));
}
