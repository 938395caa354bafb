import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { errorCode } from '../../state/state-error.js';

/** What a guest's path leads to. */
export type Found =
  | {
      readonly kind: 'file';
      /** An open file, which the caller closes, or the content itself. */
      readonly content: FileHandle | Buffer;
      readonly size: number;
      readonly modified: Date;
      readonly tag: string;
    }
  | { readonly kind: 'directory'; readonly entries: readonly string[] };

/** What says that there is nothing of that name. */
const absent: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG'];

/**
 * Looks a path up below a guest's own directory. Symbolic links are not followed, wherever they are; only root can make any there.
 *
 * @param names plain file names, see `namesOf`
 * @returns an open file; a directory's entries, sub-directories with `/`; undefined when there is nothing
 */
export async function lookUp(directory: string, names: readonly string[]): Promise<Found | undefined> {
  let path = directory;
  try {
    for (const [index, name] of ['.', ...names].entries()) {
      if (index > 0) path += `/${name}`;
      const stats = await lstat(path);
      if (stats.isDirectory()) continue;
      return stats.isFile() && index === names.length ? await openFile(path) : undefined;
    }
    return { kind: 'directory', entries: await entriesOf(path) };
  } catch (error) {
    if (absent.includes(errorCode(error))) return undefined;
    throw error;
  }
}

async function openFile(path: string): Promise<Found | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size, mtime, mtimeMs, ino } = await handle.stat();
    // A new content is always a new file: its number tells them apart even within one tick of the clock.
    const tag = `"${ino.toString(36)}-${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    return { kind: 'file', content: handle, size, modified: mtime, tag };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Hidden names are files that are being written. */
async function entriesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
}
