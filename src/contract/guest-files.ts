/** Where CloudStack's user data lies for a guest (CONTRACT §6.4). */

import type { GuestFile } from './command.js';

export const userDataPath = 'user-data';

/** The directory of metadata, as guests ask for it. */
export const metadataDirectory = 'meta-data';

export const publicKeysPath = `${metadataDirectory}/public-keys`;

/** CloudStack spells it in both ways (CONTRACT §11.16), so guests find it under both. */
export const hypervisorHostnamePaths = [
  `${metadataDirectory}/hypervisor-host-name`,
  `${metadataDirectory}/hypervisor-hostname`,
] as const;

/** The same content under each of some paths. */
export function filesAt(paths: readonly string[], content: Uint8Array): GuestFile[] {
  return paths.map((path) => ({ path, content }));
}
