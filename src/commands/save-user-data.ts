import type { SaveUserData } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import type { FileEdit } from '../state/file-edit.js';
import { type GuestData, writeGuestData } from '../state/user-data-edits.js';
import { metadataAddresses } from './metadata-address.js';
import { noLinks, type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/** save-vm-data, save-userdata, save-password, save-sshkey, save-hypervisor-hostname: what a guest is told when it asks. */
export function saveUserData(command: SaveUserData, domain: Domain): Plan {
  const { target } = command;
  requireNetwork(command.name, target, domain);
  const { networkId } = target;
  return plan(tellGuests(networkId, [command], writeGuestData(networkId, command), domain));
}

/**
 * The parts of a plan that tell guests of a network something, each beside what it was told before.
 *
 * @param files the edits that do it
 */
export function tellGuests(
  networkId: string,
  guests: readonly GuestData[],
  files: readonly FileEdit[],
  domain: Domain,
): Pick<Plan, 'links' | 'changes' | 'files'> {
  const saysSomething = guests.some(
    (guest) => guest.files.some(({ content }) => content.length > 0) || (guest.password ?? '') !== '',
  );
  if (!saysSomething && !domain.userData.has(networkId)) return { links: noLinks, changes: [], files };
  return {
    links: { ...noLinks, addresses: metadataAddresses(domain.network.get(networkId)) },
    changes: change(domain, 'userData', networkId, { isKept: true }),
    files,
  };
}
