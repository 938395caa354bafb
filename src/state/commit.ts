import { mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { kindOf } from './confined-path.js';
import { allOf, type FileBatches } from './file-batches.js';
import type { FileEdit, FileRemoval, FileWrite } from './file-edit.js';
import { flushDirectory } from './flush-directory.js';
import { type NewDirectory, type PlannedEdits, planEdits, type Write } from './planned-edits.js';
import { RemovedTrees } from './removed-trees.js';
import { type Interim, type PlainEdit, resolveEdits } from './resolve-edits.js';
import { directoriesIn, StagedFiles } from './staged-files.js';
import { asStateError, errorCode, StateError } from './state-error.js';

const nothing = new Uint8Array();

/** Edits that are in place. Exactly one of the two is to be called in the end. */
export interface Commit {
  /** How many files and trees really changed. */
  readonly changed: number;
  /** Puts everything back as it was before, durably. Only valid while nobody has changed the same files since. */
  undo(): Promise<void>;
  /** The edits are final: deletes the trees that were moved out of sight. Quick unless there is much of it; need not be waited for. */
  tidy(): Promise<void>;
  /** Has on disk what is not yet. Need not be waited for. */
  flush(): Promise<void>;
  /** Both. */
  settle(): Promise<void>;
}

/** Edits whose new contents are on disk beside the files they are for. One of the two is to be called in the end. */
export interface PreparedCommit {
  /** Puts them in place. @throws StateError naming the file; the directory is as it was before they were prepared. */
  publish(): Promise<Commit>;
  /** Takes away what was prepared; nothing once it was published. */
  discard(): Promise<void>;
}

/**
 * Puts a list of edits on disk, each file atomically (temporary file, fdatasync, rename, fsync of the directory) and the list as a whole or
 * not at all as long as the process lives: when one edit fails, those before it are put back. What lies in directories that are not there
 * yet is built as a whole out of sight and put in place by one rename each, after all else. Files that already have their content and
 * removals of what is not there cost no write. The order of the list does not matter; no path may lie in a tree that the same list removes.
 *
 * System calls that only touch memory are made at once, the waiting for the disk is done off the event loop. Very many new files are on disk
 * only when the commit is settled, see {@link StagedFiles}, and so is what guests are told.
 *
 * @throws StateError naming the file; the directory is as it was.
 */
export async function commit(batches: FileBatches, edits: readonly FileEdit[]): Promise<Commit> {
  return (await prepareCommit(batches, await resolveEdits(batches, edits))).publish();
}

/**
 * The first half of {@link commit}, which takes most of its time: everything but what others can see. It can be done while other things,
 * on which the commit depends, are under way; until `publish` nobody else may change the same files.
 *
 * @throws StateError naming the file; the directory is as it was.
 */
export async function prepareCommit(batches: FileBatches, edits: readonly PlainEdit[]): Promise<PreparedCommit> {
  const { root } = batches;
  const planned = await planEdits(batches, edits);
  const staged = new StagedFiles(batches, planned);
  const hasFiles = planned.writes.length + planned.directories.length > 0;
  const madeRoot = hasFiles ? mkdirSync(root, { recursive: true, mode: 0o700 }) : undefined;
  let isPublished = false;
  try {
    await staged.build();
  } catch (error) {
    await staged.discard();
    throw asStateError(error);
  }
  return {
    publish: async () => {
      const published = await publish(batches, planned, staged, madeRoot);
      isPublished = true;
      return published;
    },
    discard: async () => {
      if (!isPublished) await staged.discard();
    },
  };
}

/**
 * In an order in which at no moment, should it be the last, an address has what is of two guests: the lines about a former guest go first,
 * then its data (a pack that says something of it, its tree), the new one's data is put in place, and the lines about that one come last.
 * Taking it back goes the same way in the other direction.
 */
async function publish(
  batches: FileBatches,
  { writes, removals, trees, directories }: PlannedEdits,
  staged: StagedFiles,
  madeRoot: string | undefined,
): Promise<Commit> {
  const { root } = batches;
  const removed = new RemovedTrees(root);
  const undone: ((FileWrite & Interim) | FileRemoval)[] = [];
  /** What goes back before the data does: the lines about new guests. */
  const undoneFirst: (FileWrite | FileRemoval)[] = [];
  const placed: NewDirectory[] = [];
  let ending = Promise.resolve();

  const putBack = async (): Promise<void> => {
    const files = placed.flatMap((directory) => directory.files.map(({ path }) => ({ path, remove: true as const })));
    if (undoneFirst.length + files.length > 0) await commit(batches, [...undoneFirst.splice(0), ...files]);
    for (const directory of placed.splice(0)) {
      for (const path of directoriesIn(directory)) removeIfEmpty(`${root}/${path}`);
    }
    removed.restore();
    if (undone.length > 0) await commit(batches, undone.splice(0).reverse());
    await removed.discard();
  };
  const place = (write: Write): void => {
    const { path, before, isLast, interim } = write;
    staged.place(write);
    if (interim !== undefined) return;
    (isLast ? undoneFirst : undone).push(before === undefined ? { path, remove: true } : { path, content: before });
  };

  try {
    for (const { path, before } of removals) {
      unlinkSync(`${root}/${path}`);
      undone.push({ path, content: before });
    }
    for (const write of writes) {
      const { path, before = nothing, interim } = write;
      if (interim === undefined) continue;
      staged.placeInterim(write);
      undoneFirst.push({ path, content: interim.content });
      undone.push({ path, content: before, interim: interim.content });
    }
    for (const write of writes) if (!write.isLast) place(write);
    for (const path of trees) removed.take(path);
    for (const directory of directories) {
      staged.placeDirectory(directory);
      placed.push(directory);
    }
    for (const write of writes) if (write.isLast) place(write);
    ending = staged.end();
    const changed = [
      ...(madeRoot === undefined ? [] : [dirname(madeRoot)]),
      ...[...writes, ...removals].map(({ path }) => parentOf(root, path)),
      ...[...trees].map((path) => parentOf(root, path)),
    ];
    // Files first: what is to be on disk for them is in one commit of the file system's journal with the directories, which then cost no
    // commit of their own.
    if (staged.isWaitedFor) await allOf([staged.flush(), ending]);
    await flushDirectories(changed);
  } catch (error) {
    await staged.discard();
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
  // Whoever looks at it later hears of a failure.
  ending.catch(() => undefined);
  const tidy = async () => {
    settled = true;
    await removed.discard();
  };
  const flush = async () => {
    if (!staged.isWaitedFor) await allOf([staged.flush(), ending]);
  };
  return {
    changed:
      writes.length + removals.length + trees.size + directories.reduce((sum, { files }) => sum + files.length, 0),
    async undo() {
      if (settled) throw new StateError('the edits are settled, they cannot be undone');
      settled = true;
      await ending;
      const parents = [...trees, ...directories.map(({ path }) => path)].map((path) => parentOf(root, path));
      await putBack();
      await flushDirectories(parents.filter((path) => kindOf(path) === 'directory'));
    },
    tidy,
    flush,
    async settle() {
      await allOf([tidy(), flush()]);
    },
  };
}

/** Absolute. */
function parentOf(root: string, path: string): string {
  return dirname(`${root}/${path}`);
}

async function flushDirectories(paths: readonly string[]): Promise<void> {
  await allOf([...new Set(paths)].map(flushDirectory));
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}
