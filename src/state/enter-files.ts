import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfinedPaths, hasDirectory } from './confined-path.js';
import type { BatchedFile, FileBatches } from './file-batches.js';
import type { JournalEntry } from './journal-record.js';
import { StateError } from './state-error.js';

/**
 * Gives files the contents that a journal has for them. What was done already, by a process that died in the middle, is done again.
 *
 * @returns what is to be flushed for it to be on disk: files and directories
 * @throws StateError or the system's error; some may be as they are to be
 */
export async function enterFiles(batches: FileBatches, entries: readonly JournalEntry[]): Promise<string[]> {
  const paths = new ConfinedPaths(batches.root);
  const changed = new Set<string>();
  const remove = async (gone: readonly string[]): Promise<void> => {
    const removals = await batches.remove(gone);
    for (const [index, path] of gone.entries()) {
      const removal = removals[index];
      if (removal === 'directory') throw new StateError(`${batches.root}/${path}: expected a file, it is a directory`);
      if (removal === 'removed') changed.add(dirname(path));
    }
  };
  const written: BatchedFile[] = [];
  const gone: string[] = [];
  for (const [path, content] of entries) {
    paths.absolute(path);
    if (content !== undefined) written.push({ path, content });
    else if (paths.missingAbove(path) === undefined) gone.push(path);
  }
  await remove(gone);
  const states = await batches.compare(written);
  const missing = written.filter((_, index) => states[index] !== 'same');
  await remove(written.flatMap(({ path }, index) => (states[index] === 'other' ? [path] : [])));
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
