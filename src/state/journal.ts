import { closeSync, constants, fdatasync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Commit } from './commit.js';
import { enterFiles, removeTrees } from './enter-files.js';
import { allOf, type FileBatches } from './file-batches.js';
import { flushDirectory } from './flush-directory.js';
import { decodeRecords, encodeRecord, type JournalEntry } from './journal-record.js';
import { asStateError, StateError } from './state-error.js';
import { isBelow, WaitingEdits } from './waiting-edits.js';

const flushFile = promisify(fdatasync);

/** Files that are made at once: others want the threads, too. */
const slice = 512;

/**
 * The journal of one domain, in the root of the state directory: edits that are done, as far as anyone can tell, before the files say so. It
 * costs one file and one wait for the disk however many edits there are. Its entries go into the files later (`drain`), and then the journal goes.
 * What a process that died has left in it is entered by whoever has the domain's lock next ({@link enterLeftJournal}).
 */
export class Journal {
  readonly #path: string;
  #waiting = new WaitingEdits();
  /** All that the file is about; those of directories end in `/`. */
  readonly #paths = new Set<string>();
  readonly #unflushed = new Set<string>();
  #descriptor: number | undefined;
  /** Bytes of the file, and of those what cannot be undone any more. */
  #size = 0;
  #settledSize = 0;
  #unsettled = 0;
  #draining: Promise<void> | undefined;
  /** The last of those that enter files, one after the other. */
  #entering: Promise<void> = Promise.resolve();

  /** @param name of the file, see {@link journalFile} */
  constructor(
    private readonly batches: FileBatches,
    name: string,
  ) {
    this.#path = `${batches.root}/${name}`;
  }

  /** Whether there is nothing in it, and no file. */
  get isEmpty(): boolean {
    return this.#descriptor === undefined;
  }

  /**
   * Whether it is about a path, or about something below it. As long as it is there nothing else may write these files: should the process
   * die, what the journal says is written again.
   */
  concerns(path: string): boolean {
    if (this.#paths.has(path)) return true;
    for (const own of this.#paths) if (isBelow(own, path) || (own.endsWith('/') && path.startsWith(own))) return true;
    return false;
  }

  /** How many files are not yet what the journal says. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Adds the edits of one commit, all or none of them.
   *
   * @param isFlushed whether they are on disk then
   * @throws StateError
   */
  async append(entries: readonly JournalEntry[], isFlushed: boolean): Promise<Commit> {
    const before = this.#size;
    const isNew = this.#descriptor === undefined;
    this.#unsettled++;
    try {
      this.#descriptor ??= openSync(
        this.#path,
        constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
        0o600,
      );
      this.#size += writeAll(this.#descriptor, encodeRecord(entries), before);
      for (const [path] of entries) this.#paths.add(path);
      if (isFlushed) {
        await allOf([flushFile(this.#descriptor), ...(isNew ? [flushDirectory(this.batches.root)] : [])]);
      }
    } catch (error) {
      this.#cutTo(before);
      this.#unsettled--;
      throw asStateError(error);
    }
    let isSettled = false;
    const settle = async () => {
      if (isSettled) return;
      isSettled = true;
      this.#unsettled--;
      this.#settledSize = this.#size;
      this.#waiting.add(entries);
    };
    return {
      changed: entries.length,
      undo: async () => {
        if (isSettled) throw new StateError('the edits are settled, they cannot be undone');
        isSettled = true;
        this.#cutTo(before);
        try {
          if (this.#descriptor !== undefined) await flushFile(this.#descriptor);
          else await flushDirectory(this.batches.root);
        } finally {
          // Not before: the file is not to be closed meanwhile.
          this.#unsettled--;
        }
      },
      tidy: settle,
      flush: async () => undefined,
      settle,
    };
  }

  /**
   * Has the files say what the journal says, and the journal gone, unless something was added that can still be undone.
   *
   * @throws StateError; then it is all in the journal still, and can be tried again
   */
  drain(): Promise<void> {
    this.#draining ??= this.#enterAll().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** Has the files say what the journal says; they need not be on disk then. @throws StateError */
  async enterWaiting(): Promise<void> {
    if (this.#waiting.size > 0) await this.#enter(Number.POSITIVE_INFINITY);
  }

  /** Has the files say what the journal says of a path and of all below it; they need not be on disk then. @throws StateError */
  async enterBelow(path: string): Promise<void> {
    if (this.concerns(path)) await this.#enter(Number.POSITIVE_INFINITY, path);
  }

  async #enterAll(): Promise<void> {
    try {
      while (this.#descriptor !== undefined) {
        while (this.#waiting.size > 0) await this.#enter(slice);
        const unflushed = [...this.#unflushed];
        await this.batches.flush(unflushed);
        for (const path of unflushed) this.#unflushed.delete(path);
        // Whoever has added something meanwhile comes again.
        if (this.#unsettled > 0) return;
        if (this.#waiting.size > 0) continue;
        this.#cutTo(0);
        await flushDirectory(this.batches.root);
      }
    } catch (error) {
      throw asStateError(error);
    }
  }

  /** Puts the next files in place when those before them are. */
  #enter(most: number, below?: string): Promise<void> {
    const entered = this.#entering.then(async () => {
      try {
        const { trees, files } = this.#waiting.take(most, below);
        removeTrees(this.batches.root, trees);
        for (const path of await enterFiles(this.batches, files)) this.#unflushed.add(path);
      } catch (error) {
        this.#readAgain();
        throw asStateError(error);
      }
    });
    this.#entering = entered.catch(() => undefined);
    return entered;
  }

  /** Everything in it is waiting again. */
  #readAgain(): void {
    if (this.#descriptor === undefined) return;
    const journal = Buffer.alloc(this.#settledSize);
    readSync(this.#descriptor, journal, 0, journal.length, 0);
    this.#waiting = new WaitingEdits();
    this.#waiting.add(decodeRecords(journal));
  }

  #cutTo(size: number): void {
    this.#size = size;
    this.#settledSize = Math.min(this.#settledSize, size);
    if (this.#descriptor === undefined) return;
    if (size > 0) {
      ftruncateSync(this.#descriptor, size);
      return;
    }
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#paths.clear();
    unlinkSync(this.#path);
  }
}

/** @returns how many bytes there were */
function writeAll(descriptor: number, bytes: Buffer, position: number): number {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
  return bytes.length;
}
