/** The directory with one metadata file per VPC, and the lock that keeps two calls from working on it at once. */

import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TryLock, waitForLock } from '../../state/lock.js';
import { isTemporaryName, temporaryName } from '../../state/temporary-name.js';
import { nameForm } from '../model/names.js';
import { type Vpc, type Vpcs, vpcSchema } from '../model/vpc.js';
import { readMetadata } from './read.js';

/** Where other programs of the format look, too. */
export const usualDirectory = '/var/run/vpcctl';

/** How long a call waits for another one, in milliseconds. */
const lockDeadline = 30_000;

const suffix = '.json';

export class MetadataStore {
  constructor(readonly directory: string) {}

  /** The names of all VPCs, sorted. */
  names(): string[] {
    return this.#files()
      .filter((file) => file.endsWith(suffix))
      .map((file) => file.slice(0, -suffix.length))
      .filter((name) => nameForm.test(name))
      .sort();
  }

  /** @throws VpcctlError naming the file that is not understood: without it nobody knows what must stay apart */
  read(): Vpcs {
    return new Map(
      this.names().map((name) => {
        const path = this.#path(name);
        return [name, readMetadata(path, name, readFileSync(path, 'utf8'), statSync(path).mtime)];
      }),
    );
  }

  /** Atomic: a reader finds the file as it was or as it is. Not durable: a directory in /run is gone after a restart, as the links are.
   * The keys come in one order, whatever way the VPC took. */
  write(vpc: Vpc): void {
    const temporary = join(this.directory, temporaryName());
    writeFileSync(temporary, `${JSON.stringify(vpcSchema.parse(vpc), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, this.#path(vpc.name));
  }

  remove(name: string): void {
    rmSync(this.#path(name), { force: true });
  }

  /**
   * Does something while no other call does, and takes away what a killed one left half written.
   *
   * @throws StateError when another one holds the lock for too long
   */
  async locked<Result>(tryLock: TryLock, work: () => Promise<Result>): Promise<Result> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, '.lock');
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      await waitForLock(path, descriptor, tryLock, performance.now() + lockDeadline, lockDeadline);
      for (const file of this.#files()) if (isTemporaryName(file)) rmSync(join(this.directory, file), { force: true });
      return await work();
    } finally {
      closeSync(descriptor);
    }
  }

  #files(): string[] {
    try {
      return readdirSync(this.directory);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return [];
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.directory, `${name}${suffix}`);
  }
}
