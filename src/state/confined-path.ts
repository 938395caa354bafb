import { lstatSync } from 'node:fs';
import { errorCode, StateError } from './state-error.js';

/**
 * Paths below a root, made of plain names. The root itself may be reached through symbolic links (an operator's choice), nothing below it
 * may. What is seen of directories is kept, so it is for one list of edits: thousands of them lie in a few directories.
 */
export class ConfinedPaths {
  /** By directory: the first of its parents, or itself, that is not there; undefined when all are. */
  readonly #missing = new Map<string, string | undefined>([['', undefined]]);

  constructor(readonly root: string) {}

  /** The absolute path. @throws StateError when it would lead out, or through something that is no directory. */
  absolute(path: string): string {
    const slash = path.lastIndexOf('/');
    const directory = path.slice(0, Math.max(slash, 0));
    // Neighbours have it in common.
    if (!isPlain(path.slice(slash + 1)) || !(this.#missing.has(directory) || directory.split('/').every(isPlain))) {
      throw new StateError(`${JSON.stringify(path)} does not lie inside the state directory`);
    }
    this.#missingUpTo(directory);
    return `${this.root}/${path}`;
  }

  /** The first directory on the way to `path` that is not there. @throws StateError when something on the way is no directory. */
  missingAbove(path: string): string | undefined {
    const slash = path.lastIndexOf('/');
    return this.#missingUpTo(slash === -1 ? '' : path.slice(0, slash));
  }

  /** A directory counts as not there; to be said before anything below it is asked. */
  forget(directory: string): void {
    this.#missing.set(directory, this.missingAbove(directory) ?? directory);
  }

  #missingUpTo(directory: string): string | undefined {
    if (this.#missing.has(directory)) return this.#missing.get(directory);
    const missing = this.missingAbove(directory) ?? this.#missingAt(directory);
    this.#missing.set(directory, missing);
    return missing;
  }

  #missingAt(directory: string): string | undefined {
    return hasDirectory(`${this.root}/${directory}`) ? undefined : directory;
  }
}

/** Whether there is a directory. @throws StateError when there is something else */
export function hasDirectory(path: string): boolean {
  const kind = kindOf(path);
  if (kind === undefined) return false;
  if (kind !== 'directory') throw new StateError(`${path}: expected a directory, it is a ${kind}`);
  return true;
}

function isPlain(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('\0');
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
