/** File edits for what guests are told; the layout is the shell wrapper's. */

import type { FileEdit } from './file-edit.js';
import { guestDirectory, networkDirectory, passwordsFile } from './layout.js';

/** By it one guest is told from another that has its address later (cloud-init goes by it, too). */
const identityFile = 'meta-data/instance-id';

/** What a guest is told. Nothing is said about what is not named. */
export interface GuestData {
  /** Paths are below `latest/`; an empty content is no file. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Empty: it is to be forgotten. */
  readonly password: string | undefined;
}

/**
 * What a guest is told, beside what it was told before. If the address was another guest's until now, nothing of that one stays: neither
 * its user data nor its password is for the new guest's eyes.
 */
export function writeGuestData(networkId: string, guestIp: string, { files, password }: GuestData): FileEdit[] {
  const directory = guestDirectory(networkId, guestIp);
  const edits: FileEdit[] = files.map(({ path, content }) =>
    content.length === 0
      ? { path: `${directory}/latest/${path}`, remove: true }
      : { path: `${directory}/latest/${path}`, content },
  );
  const identity = files.find(({ path }) => path === identityFile)?.content;
  const isOther =
    identity === undefined || identity.length === 0
      ? undefined
      : { path: `${directory}/latest/${identityFile}`, isNot: identity };
  if (isOther !== undefined) edits.push({ path: directory, clear: true, onlyIf: isOther });
  if (password !== undefined) edits.push(passwordEdit(networkId, guestIp, password === '' ? undefined : password));
  else if (isOther !== undefined) edits.push({ ...passwordEdit(networkId, guestIp, undefined), onlyIf: isOther });
  return edits;
}

/** A guest has its password now, and nobody is to be told it again. */
export function forgetPassword(networkId: string, guestIp: string): FileEdit[] {
  return [passwordEdit(networkId, guestIp, undefined)];
}

function passwordEdit(networkId: string, guestIp: string, value: string | undefined) {
  return { path: `${networkDirectory(networkId)}/${passwordsFile}`, key: guestIp, value };
}
