import { renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { allOf, type FileBatches } from './file-batches.js';
import { HiddenDirectory } from './hidden-directory.js';
import { isGuestData, isPasswords } from './layout.js';
import type { NewDirectory, PlannedEdits, Write } from './planned-edits.js';

/** New contents where nobody looks: each file beside the one it replaces, new directories in a hidden one. */
export class StagedFiles {
  readonly #batches: FileBatches;
  readonly #writes: readonly Write[];
  readonly #directories: readonly NewDirectory[];
  readonly #hidden: HiddenDirectory;
  /**
   * Whether all is to be on disk before anybody is told that it is done. Not so when guests' data is new: 15 files are on disk in 3 ms, 14,000
   * in half a second, and the file system's journal takes all else along with them. What a power cut can take of it is of no use any more
   * then: the namespaces are gone, too, and with the next ones CloudStack sends the data again. But passwords it sends only once.
   */
  readonly isWaitedFor: boolean;

  constructor(batches: FileBatches, { writes, directories }: Pick<PlannedEdits, 'writes' | 'directories'>) {
    this.#batches = batches;
    this.#writes = writes;
    this.#directories = directories;
    this.#hidden = new HiddenDirectory(batches.root, 'staged');
    this.isWaitedFor =
      !directories.some(({ path }) => isGuestData(path)) || writes.some(({ path }) => isPasswords(path));
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
    await allOf([this.#batches.build(beside, this.isWaitedFor), this.#batches.build(hidden, false)]);
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
  end(): void {
    this.#hidden.removeEmpty();
  }

  /**
   * Has all that is new on disk, when it is in place: until then new directories are no more than if they had not been made, so that one wait
   * is enough for their files and their names.
   */
  async flush(): Promise<void> {
    const paths = this.#directories.flatMap(({ files }) => files.map(({ path }) => path));
    const directories = this.#directories.flatMap(directoriesIn);
    const beside = this.isWaitedFor ? [] : this.#writes.map(({ path }) => path);
    await this.#batches.flush([...beside, ...paths, ...directories]);
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
