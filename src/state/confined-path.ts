import { lstatSync } from 'node:fs';
import { errorCode, StateError } from './state-error.js';

/**
 * The absolute path of `path` below `root`, which must be made of plain names. The root itself may be reached through symbolic links (an
 * operator's choice), nothing below it may.
 *
 * @throws StateError
 */
export function confinedPath(root: string, path: string): string {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
    throw new StateError(`${JSON.stringify(path)} does not lie inside the state directory`);
  }
  let directory = root;
  for (const name of names.slice(0, -1)) {
    directory += `/${name}`;
    const kind = kindOf(directory);
    if (kind === undefined) break;
    if (kind !== 'directory') throw new StateError(`${directory}: expected a directory, it is a ${kind}`);
  }
  return `${root}/${path}`;
}

/** What a path names, symbolic links not followed; undefined when nothing. */
export function kindOf(path: string): 'file' | 'directory' | 'symbolic link' | 'special file' | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isFile()) return 'file';
    if (stats.isDirectory()) return 'directory';
    return stats.isSymbolicLink() ? 'symbolic link' : 'special file';
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
