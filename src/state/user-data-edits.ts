/** File edits for what guests are told; the layout is the shell wrapper's, but for packs. */

import type { FileEdit, GuestEdit, KeyLine, ToldGuest } from './file-edit.js';
import { identityOf } from './guest-identity.js';
import { guestDirectory, metadataDirectory, networkDirectory, passwordsFile } from './layout.js';

/** What a guest is told. Nothing is said about what is not named. */
export interface GuestData extends ToldGuest {
  /** Empty: it is to be forgotten. */
  readonly password: string | undefined;
}

/**
 * What a guest of a network is told, beside what it was told before. If the address was another guest's until now, nothing of that one
 * stays: neither its user data nor its password is for the new guest's eyes.
 */
export function writeGuestData(networkId: string, guest: GuestData): FileEdit[] {
  const path = guestDirectory(networkId, guest.guestIp);
  return told({ path, networkId, guests: [guest], packed: false });
}

/**
 * The same for many guests at once.
 *
 * @param guests none twice
 */
export function writeManyGuests(networkId: string, guests: readonly GuestData[]): FileEdit[] {
  return told({ path: `${networkDirectory(networkId)}/${metadataDirectory}`, networkId, guests, packed: true });
}

function told(edit: GuestEdit & { readonly guests: readonly GuestData[] }): FileEdit[] {
  const { networkId, guests } = edit;
  const passwords: KeyLine[] = [];
  for (const { guestIp, files, password } of guests) {
    const isNot = identityOf(files);
    if (isNot !== undefined) passwords.push({ key: guestIp, value: undefined, onlyIf: { networkId, guestIp, isNot } });
    if (password !== undefined) passwords.push({ key: guestIp, value: password === '' ? undefined : password });
  }
  return [
    ...(guests.some(({ files }) => files.length > 0) ? [edit] : []),
    ...(passwords.length > 0 ? [passwordsEdit(networkId, passwords)] : []),
  ];
}

/** A guest does not have its address any more: nobody is to be told what it was told. */
export function forgetGuest(networkId: string, guestIp: string): FileEdit[] {
  const guests = [{ guestIp, files: [], isForgotten: true }];
  return [
    { path: guestDirectory(networkId, guestIp), networkId, guests, packed: false },
    ...forgetPassword(networkId, guestIp),
  ];
}

/** A guest has its password now, and nobody is to be told it again. */
export function forgetPassword(networkId: string, guestIp: string): FileEdit[] {
  return [passwordsEdit(networkId, [{ key: guestIp, value: undefined }])];
}

function passwordsEdit(networkId: string, lines: readonly KeyLine[]): FileEdit {
  return { path: `${networkDirectory(networkId)}/${passwordsFile}`, lines };
}
