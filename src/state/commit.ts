import {
  closeSync,
  constants,
  fdatasync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { confinedPath, kindOf } from './confined-path.js';
import type { FileEdit } from './file-edit.js';
import { readRegularFile } from './regular-file.js';
import { RemovedTrees } from './removed-trees.js';
import { type PlainEdit, resolveEdits } from './resolve-edits.js';
import { asStateError, errorCode, StateError } from './state-error.js';
import { temporaryName } from './temporary-name.js';

const flushData = promisify(fdatasync);
const flushAll = promisify(fsync);

/** Edits that are on disk. Exactly one of the two is to be called in the end. */
export interface Commit {
  /** How many files and trees really changed. */
  readonly changed: number;
  /** Puts everything back as it was before, durably. Only valid while nobody has changed the same files since. */
  undo(): Promise<void>;
  /** The edits are final: deletes the trees that were moved out of sight. Quick unless one of them is large; need not be waited for. */
  settle(): Promise<void>;
}

/** Edits whose new contents are on disk beside the files they are for. One of the two is to be called in the end. */
export interface PreparedCommit {
  /** Puts them in place. @throws StateError naming the file; the directory is as it was before they were prepared. */
  publish(): Promise<Commit>;
  /** Takes away what was prepared; nothing once it was published. */
  discard(): Promise<void>;
}

interface Write {
  readonly path: string;
  readonly content: Uint8Array;
  readonly before: Uint8Array | undefined;
  readonly temporary: string;
}

interface Removal {
  readonly path: string;
  readonly before: Uint8Array;
}

/**
 * Puts a list of edits on disk, each file atomically (temporary file, fdatasync, rename, fsync of the directory) and the list as a whole or
 * not at all as long as the process lives: when one edit fails, those before it are put back. Files that already have their content and
 * removals of what is not there cost no write. The order of the list does not matter; no path may lie in a tree that the same list removes.
 *
 * System calls that only touch memory are made at once, the waiting for the disk is done in parallel off the event loop.
 *
 * @throws StateError naming the file; the directory is as it was.
 */
export async function commit(root: string, edits: readonly FileEdit[]): Promise<Commit> {
  return (await prepareCommit(root, edits)).publish();
}

/**
 * The first half of {@link commit}, which takes most of its time: everything but what others can see. It can be done while other things,
 * on which the commit depends, are under way; until `publish` nobody else may change the same files.
 *
 * @throws StateError naming the file; the directory is as it was.
 */
export async function prepareCommit(root: string, edits: readonly FileEdit[]): Promise<PreparedCommit> {
  const planned = plan(root, resolveEdits(root, edits));
  const { writes } = planned;
  const created: string[] = [];
  const discard = () => {
    for (const { temporary } of writes) unlinkIfThere(temporary);
    for (const directory of created.splice(0).reverse()) removeIfEmpty(directory);
  };
  let madeRoot: string | undefined;
  let isPublished = false;
  try {
    madeRoot = writes.length > 0 ? mkdirSync(root, { recursive: true, mode: 0o700 }) : undefined;
    for (const write of writes) makeDirectory(root, dirname(write.path), created);
    await writeTemporaries(writes);
  } catch (error) {
    discard();
    throw asStateError(error);
  }
  return {
    publish: async () => {
      const published = await publish(root, planned, created, madeRoot);
      isPublished = true;
      return published;
    },
    discard: async () => {
      if (!isPublished) discard();
    },
  };
}

async function publish(
  root: string,
  { writes, removals, trees }: PlannedEdits,
  created: string[],
  madeRoot: string | undefined,
): Promise<Commit> {
  const removed = new RemovedTrees(root);
  const undone: PlainEdit[] = [];
  const relative = (path: string) => path.slice(root.length + 1);

  const putBack = async (): Promise<void> => {
    removed.restore();
    await removed.discard();
    if (undone.length > 0) await commit(root, undone.splice(0).reverse());
    for (const directory of created.splice(0).reverse()) removeIfEmpty(directory);
  };

  try {
    for (const path of trees) removed.take(path);
    for (const { path, before } of removals) {
      unlinkSync(path);
      undone.push({ path: relative(path), content: before });
    }
    for (const { path, before, temporary } of writes) {
      renameSync(temporary, path);
      undone.push(
        before === undefined ? { path: relative(path), remove: true } : { path: relative(path), content: before },
      );
    }
    await flushDirectories([
      ...(madeRoot === undefined ? [] : [dirname(madeRoot)]),
      ...[...writes, ...removals].map(({ path }) => dirname(path)),
      ...trees.map((path) => dirname(path)),
      ...created.map((path) => dirname(path)),
    ]);
  } catch (error) {
    for (const { temporary } of writes) unlinkIfThere(temporary);
    const failure = asStateError(error);
    try {
      await putBack();
    } catch (secondError) {
      throw new StateError(
        `${failure.message}; putting the files back failed, too: ${asStateError(secondError).message}`,
        {
          cause: error,
        },
      );
    }
    throw failure;
  }

  let settled = false;
  return {
    changed: writes.length + removals.length + trees.length,
    async undo() {
      if (settled) throw new StateError('the edits are settled, they cannot be undone');
      settled = true;
      const directories = [...trees.map((path) => dirname(path)), ...created.map((path) => dirname(path))];
      await putBack();
      await flushDirectories(directories.filter((path) => kindOf(path) === 'directory'));
    },
    async settle() {
      settled = true;
      await removed.discard();
    },
  };
}

interface PlannedEdits {
  readonly writes: readonly Write[];
  readonly removals: readonly Removal[];
  readonly trees: readonly string[];
}

/** What the edits come down to, given what is there. */
function plan(root: string, edits: readonly PlainEdit[]): PlannedEdits {
  const writes: Write[] = [];
  const removals: Removal[] = [];
  const trees: string[] = [];
  const seen = new Set<string>();
  const removedTrees = edits.filter((edit) => 'removeTree' in edit).map((edit) => `${edit.path}/`);
  for (const edit of edits) {
    if (seen.has(edit.path) || removedTrees.some((tree) => edit.path.startsWith(tree))) {
      throw new StateError(`${JSON.stringify(edit.path)} is edited twice in one commit`);
    }
    seen.add(edit.path);
    const path = confinedPath(root, edit.path);
    if ('removeTree' in edit) {
      const kind = kindOf(path);
      if (kind === undefined) continue;
      if (kind !== 'directory') throw new StateError(`${path}: expected a directory, it is a ${kind}`);
      trees.push(path);
      continue;
    }
    const before = readRegularFile(path);
    if ('remove' in edit) {
      if (before !== undefined) removals.push({ path, before });
      continue;
    }
    const content = typeof edit.content === 'string' ? Buffer.from(edit.content) : edit.content;
    if (before?.equals(content)) continue;
    writes.push({ path, content, before, temporary: `${dirname(path)}/${temporaryName()}` });
  }
  return { writes, removals, trees };
}

/** Makes a directory below the root (which is there) and its parents, 0700, and notes each it made. */
function makeDirectory(root: string, path: string, created: string[]): void {
  if (path === root || kindOf(path) === 'directory') return;
  makeDirectory(root, dirname(path), created);
  mkdirSync(path, { mode: 0o700 });
  created.push(path);
}

async function writeTemporaries(writes: readonly Write[]): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptors: number[] = [];
  try {
    for (const { content, temporary } of writes) {
      const descriptor = openSync(temporary, flags, 0o600);
      descriptors.push(descriptor);
      writeFileSync(descriptor, content);
    }
    await allDone(descriptors.map((descriptor) => flushData(descriptor)));
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

async function flushDirectories(paths: readonly string[]): Promise<void> {
  await allDone([...new Set(paths)].map(flushDirectory));
}

async function flushDirectory(path: string): Promise<void> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await flushAll(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits for all, then fails with the first failure: nothing may still be running on a descriptor that is closed next. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was renamed already, or never made; anything else shows up as a leftover.
  }
}
