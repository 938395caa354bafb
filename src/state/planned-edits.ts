/** What a list of edits comes down to, given what is there. */

import { dirname, join } from 'node:path';
import { ConfinedPaths, hasDirectory } from './confined-path.js';
import type { BatchedFile, FileBatches, FileState } from './file-batches.js';
import { readRegularFile } from './regular-file.js';
import type { Interim, Patience, PlainEdit } from './resolve-edits.js';
import { StateError } from './state-error.js';
import { temporaryName } from './temporary-name.js';

/** All paths are relative to the root. */
export interface PlannedEdits {
  readonly writes: readonly Write[];
  readonly removals: readonly Removal[];
  /** Trees that are there and go, also for a new directory of that name. */
  readonly trees: ReadonlySet<string>;
  readonly directories: readonly NewDirectory[];
}

/** A file that gets another content, or is made in a directory that is there. */
export interface Write extends BatchedFile {
  readonly before: Uint8Array | undefined;
  /** Beside it. */
  readonly temporary: string;
  /** Whether it is put in place after all else. */
  readonly isLast: boolean;
  /** What it is to hold until then; undefined when that is what it holds. */
  readonly interim: { readonly content: Uint8Array; readonly temporary: string } | undefined;
}

export interface Removal {
  readonly path: string;
  readonly before: Uint8Array;
}

/** A directory that is not there, or not any more, with all that is to be in it. It is put in place by one rename. */
export interface NewDirectory {
  readonly path: string;
  readonly files: readonly (BatchedFile & Patience)[];
}

const nothing = new Uint8Array();

/** To look at more files than these, other threads are worth their while. */
const fewFiles = 16;

/** @throws StateError */
export async function planEdits(batches: FileBatches, edits: readonly PlainEdit[]): Promise<PlannedEdits> {
  const paths = new ConfinedPaths(batches.root);
  refuseDoubles(edits);
  const trees = new Set<string>();
  for (const edit of edits) {
    if (!('removeTree' in edit || 'replaceTree' in edit)) continue;
    if (hasDirectory(paths.absolute(edit.path))) trees.add(edit.path);
    paths.forget(edit.path);
  }
  const removed: string[] = [];
  const written: (BatchedFile & Interim)[] = [];
  const directories = new Map<string, (BatchedFile & Patience)[]>();
  for (const edit of edits) {
    if ('removeTree' in edit || 'replaceTree' in edit) continue;
    const { path } = edit;
    paths.absolute(path);
    const missing = paths.missingAbove(path);
    if ('remove' in edit) {
      if (missing === undefined) removed.push(path);
      continue;
    }
    const content = typeof edit.content === 'string' ? Buffer.from(edit.content) : edit.content;
    const siblings = directories.get(missing ?? '');
    const { interim, flushedLater = false } = edit;
    if (missing === undefined) written.push({ path, content, ...(interim === undefined ? {} : { interim }) });
    else if (siblings !== undefined) siblings.push({ path, content, flushedLater });
    else directories.set(missing, [{ path, content, flushedLater }]);
  }
  return {
    writes: await writesOf(batches, written),
    removals: await removalsOf(batches, removed),
    trees,
    directories: [...directories].map(([path, files]) => ({ path, files })),
  };
}

/** Each path may be edited once; only what replaces a tree may lie in it. */
function refuseDoubles(edits: readonly PlainEdit[]): void {
  const removed = edits.flatMap((edit) => ('removeTree' in edit ? [`${edit.path}/`] : []));
  if (removed.length === 0 && new Set(edits.map(({ path }) => path)).size === edits.length) return;
  const seen = new Set<string>();
  for (const { path } of edits) {
    if (seen.has(path) || removed.some((tree) => path.startsWith(tree))) {
      throw new StateError(`${JSON.stringify(path)} is edited twice in one commit`);
    }
    seen.add(path);
  }
}

/** The files that are there, with their content. */
async function removalsOf(batches: FileBatches, paths: readonly string[]): Promise<Removal[]> {
  const states = await statesOf(
    batches,
    paths.map((path) => ({ path, content: nothing })),
  );
  return paths.flatMap((path, index) => {
    const before = states[index] === 'absent' ? undefined : readRegularFile(`${batches.root}/${path}`);
    return before === undefined ? [] : [{ path, before }];
  });
}

/** What is there of each, if there are many; of few it is quicker to look at them. */
async function statesOf(batches: FileBatches, files: readonly BatchedFile[]): Promise<readonly FileState[]> {
  return files.length > fewFiles ? batches.compare(files) : [];
}

/** The files that do not have their content yet, with the one they have. */
async function writesOf(batches: FileBatches, files: readonly (BatchedFile & Interim)[]): Promise<Write[]> {
  const states = await statesOf(batches, files);
  return files.flatMap(({ path, content, interim }, index) => {
    if (states[index] === 'same') return [];
    const before = states[index] === 'absent' ? undefined : readRegularFile(`${batches.root}/${path}`);
    if (before?.equals(content)) return [];
    const temporary = () => join(dirname(path), temporaryName());
    const differs = interim !== undefined && before?.equals(interim) === false;
    return [
      {
        path,
        content,
        before,
        temporary: temporary(),
        isLast: interim !== undefined,
        interim: differs ? { content: interim, temporary: temporary() } : undefined,
      },
    ];
  });
}
