import { link, lstat, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptPath } from './layout.js';

export type FileKind = 'none' | 'ours' | 'foreign';

/** A place where another program may lie that ours replaces and that `uninstall` brings back. */
export interface ReplacedFile {
  readonly path: string;
  readonly isOurs: (content: Buffer) => boolean;
}

/** What lies at the place. */
export async function kindOf(root: string, { path, isOurs }: ReplacedFile): Promise<FileKind> {
  const file = join(root, path);
  const status = await lstat(file).catch(() => undefined);
  if (status === undefined) return 'none';
  if (!status.isFile()) return 'foreign';
  return isOurs(await readFile(file)) ? 'ours' : 'foreign';
}

/**
 * Puts ours in place; what was there is kept beside it. At no moment is the place empty.
 *
 * @param put writes the file whose path it is given by renaming, and returns whether that changed anything
 */
export async function replaceFile(
  root: string,
  file: ReplacedFile,
  put: (target: string) => Promise<boolean>,
): Promise<{ changed: boolean; kept?: string }> {
  const path = join(root, file.path);
  if ((await kindOf(root, file)) !== 'foreign') return { changed: await put(path) };
  const kept = keptPath(file.path);
  await rm(join(root, kept), { force: true });
  await link(path, join(root, kept));
  await put(path);
  return { changed: true, kept };
}

/** Takes ours away; what was kept at installation comes back. */
export async function giveBackFile(root: string, { path }: ReplacedFile): Promise<'removed' | 'restored'> {
  try {
    await rename(join(root, keptPath(path)), join(root, path));
    return 'restored';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await rm(join(root, path));
  return 'removed';
}

/** Says in a line what `giveBackFile` did, or why nothing was to be done. */
export async function uninstallFile(root: string, file: ReplacedFile, say: (line: string) => void): Promise<void> {
  switch (await kindOf(root, file)) {
    case 'ours': {
      const result = await giveBackFile(root, file);
      say(`${file.path}: ${result === 'restored' ? 'the program that was there before is back' : 'removed'}`);
      break;
    }
    case 'foreign':
      say(`${file.path}: not ours, left as it is`);
      break;
    case 'none':
      say(`${file.path}: not there`);
  }
}

/** Says in a line or two what `replaceFile` did. */
export function sayReplaced(
  { path }: ReplacedFile,
  { changed, kept }: { changed: boolean; kept?: string },
  uninstallation: string,
  say: (line: string) => void,
): void {
  if (kept !== undefined) say(`${kept}: the program that was there is kept here; '${uninstallation}' puts it back`);
  say(`${path}: ${changed ? 'installed' : 'up to date'}`);
}
