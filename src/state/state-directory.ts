import type { DomainId } from '../model/domain.js';
import { type Commit, commit, type PreparedCommit, prepareCommit } from './commit.js';
import type { DomainFiles } from './domain-files.js';
import { FileBatches, type FileWork } from './file-batches.js';
import type { FileEdit } from './file-edit.js';
import { sweepHiddenDirectories } from './hidden-directory.js';
import { sweepLeftoverFiles } from './leftover-files.js';
import { type Lock, lock, type TryLock } from './lock.js';
import { readDomainFiles } from './read-domain.js';
import { serviceSignature } from './service-signature.js';

export interface StateDirectoryOptions {
  /** Absolute path, `/var/lib/cloudstack/<extension>` in production; made when it is first written to. */
  readonly root: string;
  readonly tryLock: TryLock;
  readonly files: FileWork;
  /** How long to wait for a lock, in milliseconds; 30 s as in CONTRACT §1. */
  readonly lockDeadline?: number;
}

/** The state directory of one extension. It keeps nothing in memory. */
export class StateDirectory {
  readonly root: string;
  readonly #tryLock: TryLock;
  readonly #batches: FileBatches;
  readonly #lockDeadline: number;

  constructor(options: StateDirectoryOptions) {
    this.root = options.root;
    this.#tryLock = options.tryLock;
    this.#batches = new FileBatches(options.root, options.files);
    this.#lockDeadline = options.lockDeadline ?? 30_000;
  }

  /** See {@link commit}. To be called under the lock of the domain whose files are edited. */
  async commit(edits: readonly FileEdit[]): Promise<Commit> {
    return commit(this.#batches, edits);
  }

  /** See {@link prepareCommit}. To be called under the lock of the domain whose files are edited. */
  async prepare(edits: readonly FileEdit[]): Promise<PreparedCommit> {
    return prepareCommit(this.#batches, edits);
  }

  /** See {@link readDomainFiles}. To be called under the domain's lock. */
  async readDomainFiles(domain: DomainId): Promise<DomainFiles> {
    return readDomainFiles(this.root, domain);
  }

  /** See {@link serviceSignature}. */
  signature(networkIds: Iterable<string>): string {
    return serviceSignature(this.root, networkIds);
  }

  /** See {@link lock}. */
  async lock(domain: DomainId): Promise<Lock> {
    return lock(this.root, domain, this.#tryLock, this.#lockDeadline);
  }

  /** Deletes what processes that died in the middle of a commit have left of their work; for the daemon's start. */
  async sweep(): Promise<void> {
    await sweepHiddenDirectories(this.root);
    await sweepLeftoverFiles(this.root, (domain) => this.lock(domain));
  }
}
