import { rmSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ConfinedPaths, hasDirectory, kindOf } from './confined-path.js';
import type { BatchedFile, FileBatches } from './file-batches.js';
import type { JournalEntry } from './journal-record.js';
import { StateError } from './state-error.js';

/** Files that are deleted without others running in between: less than a millisecond. */
const mostAtOnce = 64;

/**
 * Gives files the contents that a journal has for them. What was done already, by a process that died in the middle, is done again.
 *
 * @returns what is to be flushed for it to be on disk: files and directories
 * @throws StateError or the system's error; some may be as they are to be
 */
export async function enterFiles(batches: FileBatches, entries: readonly JournalEntry[]): Promise<string[]> {
  const paths = new ConfinedPaths(batches.root);
  const written: BatchedFile[] = [];
  const changed = new Set<string>();
  let deleted = 0;
  const makeRoom = async (path: string): Promise<void> => {
    if (remove(`${batches.root}/${path}`)) changed.add(dirname(path));
    if (++deleted % mostAtOnce === 0) await setImmediate();
  };
  for (const [path, content] of entries) {
    paths.absolute(path);
    if (content !== undefined) written.push({ path, content });
    else if (paths.missingAbove(path) === undefined) await makeRoom(path);
  }
  const states = await batches.compare(written);
  const missing = written.filter((_, index) => states[index] !== 'same');
  for (const [index, { path }] of written.entries()) if (states[index] === 'other') await makeRoom(path);
  await batches.build(missing, false);
  for (const { path } of missing) {
    // A directory that was not there is an entry of one above it.
    for (let directory = dirname(path); directory !== '.' && !changed.has(directory); directory = dirname(directory)) {
      changed.add(directory);
    }
  }
  return [...missing.map(({ path }) => path), ...changed];
}

/** Takes directories away with all that is in them. @throws StateError, the system's error */
export function removeTrees(root: string, trees: readonly string[]): void {
  const paths = new ConfinedPaths(root);
  for (const tree of trees) {
    const path = paths.absolute(tree);
    if (hasDirectory(path)) rmSync(path, { recursive: true });
  }
}

/** Whether there was something. */
function remove(path: string): boolean {
  const kind = kindOf(path);
  if (kind === undefined) return false;
  if (kind === 'directory') throw new StateError(`${path}: expected a file, it is a directory`);
  unlinkSync(path);
  return true;
}
