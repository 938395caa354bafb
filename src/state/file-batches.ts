/** Many small files at once, by threads of the addon: 14,000 files take 160 ms instead of 700. */

import { unlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { kindOf } from './confined-path.js';
import { readRegularFile } from './regular-file.js';
import { errorCode } from './state-error.js';

/** As the addon takes them (src/kernel/native.ts). */
export interface FileBatch {
  readonly root: string;
  readonly paths: string;
  readonly contents: Uint8Array;
  readonly sizes: Uint32Array;
}

/** What makes, compares, removes and flushes them; the addon does. */
export interface FileWork {
  buildFiles(batch: FileBatch, flush: boolean): Promise<void>;
  compareFiles(batch: FileBatch): Promise<Uint8Array>;
  removeFiles(batch: FileBatch): Promise<Uint8Array>;
  flushFiles(batch: FileBatch): Promise<void>;
}

/** A file as it is to be; the path is relative to the root. */
export interface BatchedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What is there of a file. */
export type FileState = 'absent' | 'same' | 'other';

const states: readonly FileState[] = ['absent', 'same', 'other'];

/** What came of taking a file away: a directory stays. */
export type Removal = 'absent' | 'removed' | 'directory';

const removals: readonly Removal[] = ['absent', 'removed', 'directory'];

/** Fewer are not worth the way to a thread, which takes as long as looking at some files does. */
const fewest = 8;

/** Fewer are not worth another thread. */
const fewestForAnother = 500;

/** The addon has as many threads, and others need them, too. */
const mostThreads = 4;

const nothing = new Uint8Array();

/** The files below one root. */
export class FileBatches {
  constructor(
    readonly root: string,
    private readonly work: FileWork,
  ) {}

  /**
   * Makes files that are not there, and the directories that are missing on their way.
   *
   * @param flush whether they are on disk afterwards
   * @throws the system's error; some may have been made
   */
  async build(files: readonly BatchedFile[], flush: boolean): Promise<void> {
    // One commit of the file system's journal for all of them is what takes the time then.
    const parts = flush ? partsOf(files, 1) : partsOf(files);
    await allOf(parts.map((part) => this.work.buildFiles(this.#pack(part), flush)));
  }

  /** What is there of each. */
  async compare(files: readonly BatchedFile[]): Promise<FileState[]> {
    if (files.length <= fewest) return files.map((file) => this.#stateOf(file));
    const found = await allOf(partsOf(files).map((part) => this.work.compareFiles(this.#pack(part))));
    return found.flatMap((part) => [...part].map((state) => states[state] ?? 'other'));
  }

  /**
   * Takes files away, symbolic links as well.
   *
   * @throws the system's error; some may be gone
   */
  async remove(paths: readonly string[]): Promise<Removal[]> {
    if (paths.length <= fewest) return paths.map((path) => removeOne(`${this.root}/${path}`));
    const found = await allOf(
      partsOf(paths).map((part) => this.work.removeFiles(this.#pack(part.map(withoutContent)))),
    );
    return found.flatMap((part) => [...part].map((removal) => removals[removal] ?? 'directory'));
  }

  /** Has files and directories on disk; those that are gone meanwhile do not matter. */
  async flush(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await this.work.flushFiles(this.#pack(paths.map(withoutContent)));
  }

  #stateOf({ path, content }: BatchedFile): FileState {
    const file = `${this.root}/${path}`;
    try {
      // Mostly it is new, and an error with its stack takes five times as long.
      const found = kindOf(file) === undefined ? undefined : readRegularFile(file);
      if (found === undefined) return 'absent';
      return found.equals(content) ? 'same' : 'other';
    } catch {
      return 'other';
    }
  }

  #pack(files: readonly BatchedFile[]): FileBatch {
    return {
      root: this.root,
      paths: files.map(({ path }) => path).join('\0'),
      contents: Buffer.concat(files.map(({ content }) => content)),
      sizes: Uint32Array.from(files, ({ content }) => content.length),
    };
  }
}

function withoutContent(path: string): BatchedFile {
  return { path, content: nothing };
}

function removeOne(path: string): Removal {
  try {
    unlinkSync(path);
    return 'removed';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EISDIR') return 'directory';
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    throw error;
  }
}

/** For each thread those that follow one another. */
function partsOf<T>(files: readonly T[], most = Math.min(mostThreads, availableParallelism())): (readonly T[])[] {
  const count = Math.min(most, Math.ceil(files.length / fewestForAnother));
  const length = Math.ceil(files.length / count);
  return Array.from({ length: count }, (_, index) => files.slice(index * length, (index + 1) * length));
}

/** Waits for all, then fails with the first failure: what is at work on files must have ended before they are taken away. */
export async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
