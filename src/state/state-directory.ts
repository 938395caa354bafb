import type { DomainId } from '../model/domain.js';
import { type Commit, type PreparedCommit, prepareCommit } from './commit.js';
import type { DomainFiles } from './domain-files.js';
import { FileBatches, type FileWork } from './file-batches.js';
import type { FileEdit } from './file-edit.js';
import { sweepHiddenDirectories } from './hidden-directory.js';
import { type Calm, Journals } from './journals.js';
import { sweepLeftoverFiles } from './leftover-files.js';
import { type Lock, lock, type TryLock } from './lock.js';
import { readDomainFiles } from './read-domain.js';
import { pathsReadFor, resolveEdits } from './resolve-edits.js';
import { serviceSignature } from './service-signature.js';

export interface StateDirectoryOptions {
  /** Absolute path, `/var/lib/cloudstack/<extension>` in production; made when it is first written to. */
  readonly root: string;
  readonly tryLock: TryLock;
  readonly files: FileWork;
  /** How long to wait for a lock, in milliseconds; 30 s as in CONTRACT §1. */
  readonly lockDeadline?: number;
  readonly calm?: Calm;
  /** Told about what goes wrong when nobody waits for it. */
  readonly report?: (line: string) => void;
}

/**
 * The state directory of one extension. What it keeps in memory are edits that are in a journal and not yet in files, or not yet on disk there,
 * mostly for some milliseconds after the answer. Nobody else sees the difference: the domain's lock is kept until then.
 */
export class StateDirectory {
  readonly root: string;
  readonly #tryLock: TryLock;
  readonly #batches: FileBatches;
  readonly #lockDeadline: number;
  readonly #journals: Journals;

  constructor(options: StateDirectoryOptions) {
    this.root = options.root;
    this.#tryLock = options.tryLock;
    this.#batches = new FileBatches(options.root, options.files);
    this.#lockDeadline = options.lockDeadline ?? 30_000;
    this.#journals = new Journals(this.#batches, options.report ?? (() => undefined), options.calm);
  }

  /** `prepare` and `publish` in one. To be called under the lock of the domain whose files are edited. @throws StateError */
  async commit(domain: DomainId, edits: readonly FileEdit[]): Promise<Commit> {
    return (await this.prepare(domain, edits)).publish();
  }

  /**
   * See {@link prepareCommit}, and {@link Journals} for edits whose files follow later. To be called under the lock of the domain whose files
   * are edited.
   */
  async prepare(domain: DomainId, edits: readonly FileEdit[]): Promise<PreparedCommit> {
    const mayBePutOff = Journals.mayTake(edits);
    await this.#journals.enterBelow(domain, edits.flatMap(pathsReadFor));
    const plain = await resolveEdits(this.#batches, edits);
    const putOff = mayBePutOff ? await this.#journals.prepare(domain, plain) : undefined;
    if (putOff !== undefined) return putOff;
    await this.#journals.makeWay(domain, plain);
    return prepareCommit(this.#batches, plain);
  }

  /** See {@link readDomainFiles}. */
  async readDomainFiles(domain: DomainId): Promise<DomainFiles> {
    await this.settle(domain);
    return readDomainFiles(this.root, domain);
  }

  /**
   * Everything that was done about a domain is in files when it returns.
   *
   * @param below only what these paths name, and what lies below them
   * @throws StateError
   */
  async settle(domain: DomainId, below?: readonly string[]): Promise<void> {
    await this.#journals.settle(domain, () => this.lock(domain), below);
  }

  /** See {@link serviceSignature}. */
  signature(networkIds: Iterable<string>): string {
    return serviceSignature(this.root, networkIds);
  }

  /** See {@link lock}. */
  async lock(domain: DomainId): Promise<Lock> {
    return this.#journals.lock(domain, () => lock(this.root, domain, this.#tryLock, this.#lockDeadline));
  }

  /** Has everything in files; for the end of the process. */
  async close(): Promise<void> {
    await this.#journals.close();
  }

  /** Deletes what processes that died in the middle of a commit have left of their work; for the daemon's start. */
  async sweep(): Promise<void> {
    await sweepHiddenDirectories(this.root);
    await sweepLeftoverFiles(this.root, (domain) => this.lock(domain));
  }
}
