import { renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { allOf, type FileBatches } from './file-batches.js';
import { HiddenDirectory } from './hidden-directory.js';
import type { NewDirectory, PlannedEdits, Write } from './planned-edits.js';

/**
 * More files in new directories than these are not waited for: 14,000 take 160 ms to make and half a second to be on disk. What a power
 * cut can take of them is of no use any more then: the namespaces are gone, too, and with the next ones CloudStack sends the data again.
 */
const mostFlushed = 200;

/** New contents where nobody looks: each file beside the one it replaces, new directories in a hidden one. */
export class StagedFiles {
  readonly #batches: FileBatches;
  readonly #writes: readonly Write[];
  readonly #directories: readonly NewDirectory[];
  readonly #hidden: HiddenDirectory;
  /** Whether it is worth waiting until the new directories are on disk. */
  readonly isWaitedFor: boolean;

  constructor(batches: FileBatches, { writes, directories }: Pick<PlannedEdits, 'writes' | 'directories'>) {
    this.#batches = batches;
    this.#writes = writes;
    this.#directories = directories;
    this.#hidden = new HiddenDirectory(batches.root, 'staged');
    const files = directories.flatMap((directory) => directory.files);
    this.isWaitedFor = files.length <= mostFlushed && files.some(({ flushedLater }) => flushedLater !== true);
  }

  /** Makes all of them. @throws the system's error; what was made by then is for `discard` */
  async build(): Promise<void> {
    const beside = this.#writes
      .flatMap((write) => (write.interim === undefined ? [write] : [write, write.interim]))
      .map(({ temporary, content }) => ({ path: temporary, content }));
    const hidden = this.#directories.flatMap(({ path, files }, index) => {
      const place = this.#hidden.make(index);
      return files.map((file) => ({ path: place + file.path.slice(path.length), content: file.content }));
    });
    await allOf([this.#batches.build(beside, true), this.#batches.build(hidden, false)]);
  }

  /** Puts a file in the place of the one before. */
  place({ path, temporary }: Write): void {
    renameSync(this.#absolute(temporary), this.#absolute(path));
  }

  /** Gives a file what it is to hold until the others are in place. */
  placeInterim({ path, interim }: Write): void {
    if (interim !== undefined) renameSync(this.#absolute(interim.temporary), this.#absolute(path));
  }

  /** Puts a new directory where there is none. */
  placeDirectory(directory: NewDirectory): void {
    const hidden = this.#hidden.make(this.#directories.indexOf(directory));
    renameSync(this.#absolute(hidden), this.#absolute(directory.path));
  }

  /** Everything is in place. */
  async end(): Promise<void> {
    await this.#hidden.removeEmpty();
  }

  /**
   * Has the new directories on disk, when they are in place: until then they are no more than if they had not been made, so that one wait is
   * enough for their files and their names.
   */
  async flush(): Promise<void> {
    const paths = this.#directories.flatMap(({ files }) => files.map(({ path }) => path));
    const directories = this.#directories.flatMap((directory) => [
      ...directoriesIn(directory),
      dirname(directory.path),
    ]);
    await this.#batches.flush([...paths, ...directories]);
  }

  /** Takes away what is not in place. */
  async discard(): Promise<void> {
    for (const { temporary, interim } of this.#writes) {
      this.#unlink(temporary);
      if (interim !== undefined) this.#unlink(interim.temporary);
    }
    await this.#hidden.discard();
  }

  #unlink(path: string): void {
    try {
      unlinkSync(this.#absolute(path));
    } catch {
      // It was renamed already, or never made; anything else shows up as a leftover.
    }
  }

  #absolute(path: string): string {
    return `${this.#batches.root}/${path}`;
  }
}

/** A new directory and those in it, the deepest first. */
export function directoriesIn({ path: top, files }: NewDirectory): string[] {
  const found = new Set([top]);
  for (const { path } of files) {
    for (let directory = dirname(path); !found.has(directory); directory = dirname(directory)) found.add(directory);
  }
  return [...found].sort((one, other) => other.length - one.length);
}
