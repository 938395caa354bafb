/** File edits for what guests are told; the layout is the shell wrapper's. */

import type { FileEdit, KeyLine } from './file-edit.js';
import { guestDirectory, networkDirectory, passwordsFile } from './layout.js';

/** By it one guest is told from another that has its address later (cloud-init goes by it, too). */
const identityFile = 'meta-data/instance-id';

/** What a guest is told. Nothing is said about what is not named. */
export interface GuestData {
  readonly guestIp: string;
  /** Paths are below `latest/`; an empty content is no file. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Empty: it is to be forgotten. */
  readonly password: string | undefined;
}

/**
 * What guests of a network are told, beside what they were told before. If an address was another guest's until now, nothing of that one
 * stays: neither its user data nor its password is for the new guest's eyes.
 *
 * @param guests none twice
 */
export function writeGuestData(networkId: string, guests: readonly GuestData[]): FileEdit[] {
  const edits: FileEdit[] = [];
  const passwords: KeyLine[] = [];
  for (const { guestIp, files, password } of guests) {
    const directory = guestDirectory(networkId, guestIp);
    for (const { path, content } of files) {
      const file = `${directory}/latest/${path}`;
      edits.push(content.length === 0 ? { path: file, remove: true } : { path: file, content });
    }
    const identity = files.find(({ path }) => path === identityFile)?.content;
    const isOther =
      identity === undefined || identity.length === 0
        ? undefined
        : { path: `${directory}/latest/${identityFile}`, isNot: identity };
    if (isOther !== undefined) {
      edits.push({ path: directory, clear: true, onlyIf: isOther });
      passwords.push({ key: guestIp, value: undefined, onlyIf: isOther });
    }
    if (password !== undefined) passwords.push({ key: guestIp, value: password === '' ? undefined : password });
  }
  return passwords.length === 0 ? edits : [...edits, passwordsEdit(networkId, passwords)];
}

/** A guest does not have its address any more: nobody is to be told what it was told. */
export function forgetGuest(networkId: string, guestIp: string): FileEdit[] {
  return [{ path: guestDirectory(networkId, guestIp), removeTree: true }, ...forgetPassword(networkId, guestIp)];
}

/** A guest has its password now, and nobody is to be told it again. */
export function forgetPassword(networkId: string, guestIp: string): FileEdit[] {
  return [passwordsEdit(networkId, [{ key: guestIp, value: undefined }])];
}

function passwordsEdit(networkId: string, lines: readonly KeyLine[]): FileEdit {
  return { path: `${networkDirectory(networkId)}/${passwordsFile}`, lines };
}
