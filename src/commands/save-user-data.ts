import type { SaveUserData } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { writeGuestData } from '../state/user-data-edits.js';
import { metadataAddresses } from './metadata-address.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/** save-vm-data, save-userdata, save-password, save-sshkey, save-hypervisor-hostname: what a guest is told when it asks. */
export function saveUserData(command: SaveUserData, domain: Domain): Plan {
  const { target, guestIp } = command;
  requireNetwork(command.name, target, domain);
  const { networkId } = target;
  const files = writeGuestData(networkId, guestIp, command);
  const saysSomething = command.files.some(({ content }) => content.length > 0) || (command.password ?? '') !== '';
  if (!saysSomething && !domain.userData.has(networkId)) return plan({ files });
  return plan({
    links: { addresses: metadataAddresses(domain.network.get(networkId)) },
    changes: change(domain, 'userData', networkId, { isKept: true }),
    files,
  });
}
