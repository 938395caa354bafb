/** Packs on disk. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { ToldFile } from './guest-block.js';
import { filesOf, type PackedGuest, PackIndex, type ReadAt } from './guest-pack.js';
import { asStateError, errorCode, StateError } from './state-error.js';

/** Bytes of headers that are kept: those of packs of 70,000 guests in all. */
const mostKept = 4 * 1024 * 1024;

interface PackFile {
  readonly path: string;
  readonly stats: Stats;
  readonly read: ReadAt;
}

/** The headers of the packs asked for last; they are read anew when the file is another one. */
export class PackIndexes {
  readonly #kept = new Map<string, { readonly identity: string; readonly index: PackIndex }>();
  #size = 0;

  constructor(private readonly most = mostKept) {}

  /** How many bytes of headers are kept. */
  get size(): number {
    return this.#size;
  }

  /** @throws StateError when it is damaged */
  of({ path, stats, read }: PackFile): PackIndex {
    const identity = [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
    const kept = this.#kept.get(path);
    this.#forget(path);
    const index = kept?.identity === identity ? kept.index : PackIndex.read(read, stats.size);
    this.#kept.set(path, { identity, index });
    this.#size += index.headerSize;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.most) break;
      this.#forget(oldest);
    }
    return index;
  }

  #forget(path: string): void {
    this.#size -= this.#kept.get(path)?.index.headerSize ?? 0;
    this.#kept.delete(path);
  }
}

const packIndexes = new PackIndexes();

/** An open pack. What it throws says nothing of the file: that is for {@link withPack}. */
export class Pack {
  constructor(
    private readonly index: PackIndex,
    private readonly read: ReadAt,
    /** When it was written. */
    readonly modified: Date,
  ) {}

  get addresses(): string[] {
    return this.index.addresses;
  }

  has(guestIp: string): boolean {
    return this.index.has(guestIp);
  }

  /** Undefined when it says nothing of the guest. @throws StateError */
  guest(guestIp: string): PackedGuest | undefined {
    return this.index.guest(guestIp, this.read);
  }

  /** None when it says nothing of the guest. @throws StateError when they are damaged */
  files(guestIp: string): ToldFile[] {
    const guest = this.guest(guestIp);
    return guest === undefined ? [] : filesOf(guest, guestIp);
  }
}

/**
 * Opens the pack at a path to look at some of its guests. At once: a few system calls on what is mostly in memory take less than one trip
 * through Node's threads.
 *
 * @returns what the task does, also without one
 * @throws StateError naming the file when it is damaged
 */
export function withPack<T>(path: string, task: (pack: Pack | undefined) => T, indexes = packIndexes): T {
  return withPackFile(path, (file) => task(file && new Pack(indexes.of(file), file.read, file.stats.mtime)));
}

/** As {@link withPack}, to look at all of it: it is read as a whole. */
export function withWholePack<T>(path: string, task: (pack: Pack | undefined) => T): T {
  return withPackFile(path, (file) => {
    if (file === undefined) return task(undefined);
    const bytes = file.read(0, file.stats.size);
    const read: ReadAt = (position, length) => bytes.subarray(position, position + length);
    return task(new Pack(PackIndex.read(read, file.stats.size), read, file.stats.mtime));
  });
}

/** Has a failure say which file it is about, and what helps. */
function withPackFile<T>(path: string, use: (file: PackFile | undefined) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = openIfThere(path);
    if (descriptor === undefined) return use(undefined);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new StateError('is no regular file');
    return use({ path, stats, read: readerOf(descriptor) });
  } catch (error) {
    const { message } = asStateError(error);
    throw new StateError(`${path}: ${message}; remove the file and restart the network, which sends its data again`, {
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function readerOf(descriptor: number): ReadAt {
  return (position, length) => {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
  };
}
