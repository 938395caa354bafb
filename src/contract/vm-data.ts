import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { isGuestFileName, isPassword } from '../model/guest-values.js';
import { contentBytes } from './base64.js';
import type { SaveUserData } from './command.js';
import { hypervisorHostnamePaths, metadataDirectory, userDataPath } from './guest-files.js';
import { quote } from './quote.js';
import type { NestedValue } from './raw-call.js';

const entry = z.object({ dir: z.string(), file: z.string(), content: z.string().nullish() });

/** The directory whose entries are not all for the guest's eyes at any time. */
const passwordDirectory = 'password';

/**
 * The entries of vm_data (CONTRACT §6.4) as files of the guest, and its password. The last of two entries for one file counts. One odd entry
 * must not keep a VM from starting (CONTRACT §12).
 *
 * @param contents how the contents are written
 * @param warn told about each entry that is left out; its content is never shown
 */
export function readVmData(
  entries: readonly unknown[],
  contents: NestedValue['contents'],
  warn: (text: string) => void,
): Pick<SaveUserData, 'files' | 'password'> {
  const files = new Map<string, Uint8Array>();
  let password: string | undefined;
  for (const [index, value] of entries.entries()) {
    const { success, data } = entry.safeParse(value);
    if (!success) {
      warn(`entry ${index + 1} of the VM data is no object with dir, file and content`);
      continue;
    }
    const { dir, file } = data;
    const content = contentBytes(data.content ?? '', contents);
    if (dir === passwordDirectory && file === 'vm_password') {
      const text = content.toString('utf8');
      if (content.length === 0 || (isUtf8(content) && isPassword(text))) password = text;
      else warn(`entry ${quote(`${dir}/${file}`)}: expected a password of one line`);
      continue;
    }
    const paths = pathsOf(dir, file);
    if (paths.length === 0)
      warn(`entry ${quote(`${dir}/${file}`)}: expected the plain names of a directory and a file`);
    for (const path of paths) files.set(path, content);
  }
  return { files: [...files].map(([path, content]) => ({ path, content })), password };
}

/** Where an entry is served, below `/latest/`; nowhere when it would lead out of the guest's tree. */
function pathsOf(dir: string, file: string): readonly string[] {
  if (!isGuestFileName(dir) || !isGuestFileName(file)) return [];
  if (dir === 'userdata' && file === 'user_data') return [userDataPath];
  // There is a file of that name.
  if (dir === userDataPath) return [];
  if (dir === passwordDirectory && file === 'vm-password-md5checksum')
    return [`${metadataDirectory}/password-checksum`];
  const path = `${dir === 'metadata' ? metadataDirectory : dir}/${file}`;
  return hypervisorHostnamePaths.some((one) => one === path) ? hypervisorHostnamePaths : [path];
}
