import { existsSync } from 'node:fs';
import type { DomainId } from '../model/domain.js';
import type { Commit, PreparedCommit } from './commit.js';
import { ConfinedPaths, kindOf } from './confined-path.js';
import type { FileBatches } from './file-batches.js';
import type { FileEdit } from './file-edit.js';
import { Journal } from './journal.js';
import { entriesOf, type JournalEntry } from './journal-record.js';
import { domainDirectory } from './layout.js';
import { enterLeftJournal, journalFile } from './left-journal.js';
import type { Lock } from './lock.js';
import type { PlainEdit } from './resolve-edits.js';
import { asStateError } from './state-error.js';

/** How long after the last command about a domain its files follow, in milliseconds: a few of them, or more, after which yet more may come. */
export interface Calm {
  readonly few: number;
  readonly many: number;
}

const defaultCalm: Calm = { few: 2, many: 100 };

const mostFew = 100;

/** How long after a failure it is tried again. */
const retryPause = 1_000;

/** No more files than these wait for their contents, and none for longer than this, in milliseconds. */
const mostWaiting = 100_000;
const longestWait = 10_000;

/** So few files are made, unflushed, before the answer: a tenth of a millisecond each. */
const mostBeforeAnswer = 8;

/** What only we read, and not before the journal is in the files: what a running program reads is not among it. */
const deferrable =
  /^(?:network|vpc)-[^/]+\/(?:(?:ips|public|static-nat|port-forward|metadata|tiers)\/|(?:namespace|vlan|gateway|cidr|extension-ip|guest-type|passwords)$)/;

/** A domain whose journal is not empty. Its lock is kept until it is: whoever gets the lock finds everything in files. */
interface Entry {
  readonly journal: Journal;
  readonly since: number;
  /** Undefined while a command has it, and when edits are made without. */
  lock: Lock | undefined;
  timer: NodeJS.Timeout | undefined;
  /** How many wait for the files. */
  urgent: number;
}

/** The journals of a state directory. */
export class Journals {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly batches: FileBatches,
    private readonly report: (line: string) => void,
    private readonly calm: Calm = defaultCalm,
  ) {}

  /** Whether there are edits of this process that the files do not show. */
  has(domain: DomainId): boolean {
    return this.#entries.has(journalFile(domain));
  }

  /** Whether edits can be put off, as far as can be told before it is known what they come to. */
  static mayTake(edits: readonly FileEdit[]): boolean {
    return edits.every((edit) => ('guests' in edit ? !edit.packed : deferrable.test(edit.path)));
  }

  /**
   * The edits in the journal, as a commit that has its files follow; undefined when they have to be made at once. They are on disk before they are
   * published, so that this can be waited for while other things are under way: whoever dies in between has done them, and has not said so.
   *
   * @throws StateError
   */
  async prepare(domain: DomainId, edits: readonly PlainEdit[]): Promise<PreparedCommit | undefined> {
    if (edits.length === 0 || !edits.every(({ path }) => deferrable.test(path))) return undefined;
    const { root } = this.batches;
    const hasDirectory = kindOf(`${root}/${domainDirectory(domain)}`) === 'directory';
    if (!hasDirectory && !edits.some((edit) => 'content' in edit)) return undefined;
    const paths = new ConfinedPaths(root);
    for (const { path } of edits) paths.absolute(path);
    const commit = await this.#append(domain, entriesOf(edits), mustBeFlushed(edits));
    let isPublished = false;
    return {
      publish: async () => {
        isPublished = true;
        return commit;
      },
      discard: async () => {
        if (!isPublished) await commit.undo();
      },
    };
  }

  /**
   * Has everything in files: what this process has put off, and what one that died has left.
   *
   * @param lock takes the domain's lock, which enters what was left
   * @param below only what these paths name, and what lies below them
   */
  async settle(domain: DomainId, lock: () => Promise<Lock>, below?: readonly string[]): Promise<void> {
    if (!this.has(domain)) {
      if (existsSync(`${this.batches.root}/${journalFile(domain)}`)) (await lock()).release();
    } else if (below === undefined) await this.drain(domain);
    else await this.enterBelow(domain, below);
  }

  /** Has in files what this process has put off of some paths and what lies below them. @throws StateError */
  async enterBelow(domain: DomainId, paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.#entries.get(journalFile(domain))?.journal.enterBelow(path);
  }

  /** Has no journal that is about the files of edits which are made at once. @throws StateError */
  async makeWay(domain: DomainId, edits: readonly PlainEdit[]): Promise<void> {
    const entry = this.#entries.get(journalFile(domain));
    if (edits.some(({ path }) => entry?.journal.concerns(path))) await this.drain(domain);
  }

  /** Has everything that this process has put off in files. @throws StateError */
  async drain(domain: DomainId): Promise<void> {
    const entry = this.#entries.get(journalFile(domain));
    if (entry === undefined) return;
    entry.urgent++;
    try {
      await entry.journal.drain();
    } finally {
      entry.urgent--;
      this.#follow(domain, entry);
    }
  }

  /** The lock of a domain: the one that was kept, or a new one. */
  async lock(domain: DomainId, take: () => Promise<Lock>): Promise<Lock> {
    const name = journalFile(domain);
    const entry = this.#entries.get(name);
    const held = entry === undefined ? await take() : await this.#takeUp(name, entry, take);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      const left = this.#entries.get(name);
      if (left === undefined) {
        held.release();
        return;
      }
      left.lock = held;
      this.#follow(domain, left);
    };
    try {
      if (entry === undefined) await enterLeftJournal(this.batches, name);
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  }

  /** Everything is in files when it returns, as far as that can be done. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
      try {
        await entry.journal.drain();
      } catch (error) {
        this.report(asStateError(error).message);
      }
      entry.lock?.release();
    }
    this.#entries.clear();
  }

  async #append(domain: DomainId, entries: readonly JournalEntry[], isFlushed: boolean): Promise<Commit> {
    const name = journalFile(domain);
    const entry: Entry = this.#entries.get(name) ?? {
      journal: new Journal(this.batches, name),
      since: performance.now(),
      lock: undefined,
      timer: undefined,
      urgent: 0,
    };
    this.#entries.set(name, entry);
    try {
      const commit = await entry.journal.append(entries, isFlushed);
      const settle = async () => {
        await commit.settle();
        try {
          if (entry.journal.waiting <= mostBeforeAnswer) await entry.journal.enterWaiting();
        } catch (error) {
          this.report(asStateError(error).message);
        } finally {
          this.#follow(domain, entry);
        }
      };
      const undo = async () => {
        try {
          await commit.undo();
        } finally {
          this.#follow(domain, entry);
        }
      };
      return { ...commit, undo, tidy: settle, settle };
    } catch (error) {
      this.#follow(domain, entry);
      throw error;
    }
  }

  /** The kept lock. Too much must not wait, nor anything for too long; nor those who want to see files. */
  async #takeUp(name: string, entry: Entry, take: () => Promise<Lock>): Promise<Lock> {
    const { lock } = entry;
    entry.lock = undefined;
    clearTimeout(entry.timer);
    const held = lock ?? (await take());
    const { journal, since, urgent } = entry;
    if (urgent > 0 || journal.waiting > mostWaiting || performance.now() - since > longestWait) {
      // What cannot be put into files now is in the journal still.
      await journal.drain().catch((error: unknown) => this.report(asStateError(error).message));
      if (journal.isEmpty && this.#entries.get(name) === entry) this.#entries.delete(name);
    }
    return held;
  }

  #calmAfter({ journal, urgent }: Entry): number {
    if (urgent > 0) return 0;
    return journal.waiting > mostFew ? this.calm.many : this.calm.few;
  }

  /** After something has been done with a journal: its entry goes when it is empty, else its files follow soon. */
  #follow(domain: DomainId, entry: Entry, pause = this.#calmAfter(entry)): void {
    const name = journalFile(domain);
    if (this.#entries.get(name) !== entry) return;
    clearTimeout(entry.timer);
    if (entry.journal.isEmpty && entry.urgent === 0) {
      this.#entries.delete(name);
      entry.lock?.release();
      return;
    }
    entry.timer = setTimeout(() => {
      entry.journal.drain().then(
        () => this.#follow(domain, entry),
        (error: unknown) => {
          this.report(asStateError(error).message);
          this.#follow(domain, entry, retryPause);
        },
      );
    }, pause);
  }
}

/** What guests are told is on disk soon after the answer: a power cut takes the namespace with it, and with the next one CloudStack sends it again. */
function mustBeFlushed(edits: readonly PlainEdit[]): boolean {
  const isTelling = edits.some((edit) => 'content' in edit && edit.flushedLater === true);
  return edits.some((edit) => ('content' in edit ? edit.flushedLater !== true : !isTelling));
}
