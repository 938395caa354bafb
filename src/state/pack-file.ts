/** Packs on disk. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { ToldFile } from './guest-block.js';
import { filesOf, type PackedGuest, PackIndex, type ReadAt } from './guest-pack.js';
import { asStateError, errorCode, StateError } from './state-error.js';

/** An open pack. What it throws says nothing of the file: that is for {@link withPack}. */
export class Pack {
  readonly #index: PackIndex;
  readonly #read: ReadAt;

  constructor(read: ReadAt, stats: Stats, index?: PackIndex) {
    this.#read = read;
    this.#index = index ?? PackIndex.read(read, stats.size);
  }

  get addresses(): string[] {
    return this.#index.addresses;
  }

  has(guestIp: string): boolean {
    return this.#index.has(guestIp);
  }

  /** Undefined when it says nothing of the guest. @throws StateError */
  guest(guestIp: string): PackedGuest | undefined {
    return this.#index.guest(guestIp, this.#read);
  }

  /** None when it says nothing of the guest. @throws StateError when they are damaged */
  files(guestIp: string): ToldFile[] {
    const guest = this.guest(guestIp);
    return guest === undefined ? [] : filesOf(guest, guestIp);
  }
}

/**
 * Opens the pack at a path for a task.
 *
 * @param isWhole whether all of it will be asked for
 * @returns what the task does without one, too
 * @throws StateError naming the file when it is damaged
 */
export function withPack<T>(path: string, isWhole: boolean, task: (pack: Pack | undefined) => T): T {
  return withPackFile(path, (file) => {
    if (file === undefined) return task(undefined);
    const { read, stats } = file;
    if (!isWhole) return task(new Pack(read, stats));
    const bytes = read(0, stats.size);
    return task(new Pack((position, length) => bytes.subarray(position, position + length), stats));
  });
}

/** What a guest's pack says of it. */
export interface ReadGuest {
  readonly files: readonly ToldFile[];
  /** When the pack was written. */
  readonly modified: Date;
}

/** Bytes of headers that are kept: those of packs of 70,000 guests in all. */
const mostKept = 4 * 1024 * 1024;

/**
 * Reads single guests of many packs, at once: a few system calls on what is mostly in memory take less than one trip through Node's threads.
 * The headers of those asked for last are kept, and read anew when the file is another one.
 */
export class PackReader {
  readonly #kept = new Map<string, { readonly identity: string; readonly index: PackIndex }>();
  #size = 0;

  constructor(private readonly most = mostKept) {}

  /** Undefined when there is no pack or it says nothing of the guest. @throws StateError when it is damaged */
  guest(path: string, guestIp: string): ReadGuest | undefined {
    return this.#open(path, (pack, { mtime }) =>
      pack.has(guestIp) ? { files: pack.files(guestIp), modified: mtime } : undefined,
    );
  }

  /** Whether a pack says something of a guest. @throws StateError when it is damaged */
  has(path: string, guestIp: string): boolean {
    return this.#open(path, (pack) => pack.has(guestIp)) ?? false;
  }

  /** How many bytes of headers are kept. */
  get size(): number {
    return this.#size;
  }

  #open<T>(path: string, use: (pack: Pack, stats: Stats) => T): T | undefined {
    return withPackFile(path, (file) =>
      file === undefined ? undefined : use(new Pack(file.read, file.stats, this.#indexOf(path, file)), file.stats),
    );
  }

  #indexOf(path: string, { stats, read }: PackFile): PackIndex {
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

interface PackFile {
  readonly stats: Stats;
  readonly read: ReadAt;
}

/** Has a failure say which file it is about, and what helps. */
function withPackFile<T>(path: string, use: (file: PackFile | undefined) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = openIfThere(path);
    if (descriptor === undefined) return use(undefined);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new StateError('is no regular file');
    return use({ stats, read: readerOf(descriptor) });
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
