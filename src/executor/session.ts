import { closeSync, openSync } from 'node:fs';
import { applyAndCompile, compileAll } from '../dataplane/compile.js';
import { KernelError } from '../kernel/errors.js';
import { type NamespaceIdentity, native } from '../kernel/native.js';
import { NetfilterSocket } from '../kernel/netfilter-socket.js';
import type { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { RouteSocket } from '../kernel/route-socket.js';
import { applyChange, type Change, invert } from '../model/change.js';
import type { Domain } from '../model/domain.js';

/** The generation after one more transaction; 0 is skipped (nf_tables_commit, net/netfilter/nf_tables_api.c). */
function following(generation: number): number {
  return generation === 0xffffffff ? 1 : generation + 1;
}

/** Whether the kernel refused a transaction because the ruleset is of another generation by now. */
function isRestart(error: unknown): boolean {
  return error instanceof KernelError && error.code === 'ERESTART';
}

/** A namespace that is open: sockets inside it, kept for its life. */
export class Session {
  /**
   * Generation of the ruleset after our last transaction: our table is what the model says as long as it has this one. Undefined
   * when that is not known; then the table is made anew with the next transaction.
   */
  #generation: number | undefined;

  private constructor(
    readonly namespace: string,
    readonly identity: NamespaceIdentity,
    /** Open descriptor of the namespace, for links that are made in it. */
    readonly descriptor: number,
    readonly route: RouteSocket,
    readonly netfilter: NetfilterSocket,
  ) {}

  /** Opens a namespace by its name in /run/netns. */
  static async open(namespace: string): Promise<Session> {
    const descriptor = openSync(`/run/netns/${namespace}`, 'r');
    try {
      const [route, netfilter] = await Promise.all([RouteSocket.open(descriptor), NetfilterSocket.open(descriptor)]);
      return new Session(namespace, native.identifyNamespace(descriptor), descriptor, route, netfilter);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Whether the namespace of that name is still the one this session is in. */
  isCurrent(): boolean {
    if (!native.isNamespace(this.namespace)) return false;
    const { device, inode } = native.identifyNamespace(this.namespace);
    return device === this.identity.device && inode === this.identity.inode;
  }

  /** Whether our table is what the model says: nobody has changed the ruleset since we did. */
  async isTableKnown(): Promise<boolean> {
    return this.#generation !== undefined && this.#generation === (await this.netfilter.generation());
  }

  /**
   * Edits the domain, and our table with it in one transaction: by the difference when the table is known, else as a whole. When it
   * fails, both are as they were.
   */
  async change(domain: Domain, changes: readonly Change[]): Promise<void> {
    const known = this.#generation;
    let difference: NetfilterTransaction;
    try {
      difference = applyAndCompile(domain, changes);
      if (known === undefined || !(await this.#runIf(difference, known))) await this.#rebuild(domain);
    } catch (error) {
      for (const change of invert(changes)) applyChange(domain, change);
      throw error;
    }
  }

  /** Runs a transaction if the ruleset has that generation still; false when somebody else has changed it, perhaps our table. */
  async #runIf(transaction: NetfilterTransaction, generation: number): Promise<boolean> {
    if (transaction.operations.length === 0) return this.isTableKnown();
    try {
      await this.netfilter.run(transaction, { generation });
    } catch (error) {
      if (isRestart(error)) return false;
      // A refused transaction leaves the ruleset as it was; of any other failure nothing is known.
      if (!(error instanceof KernelError)) this.#generation = undefined;
      throw error;
    }
    this.#generation = following(generation);
    return true;
  }

  async #rebuild(domain: Domain): Promise<void> {
    this.#generation = undefined;
    const transaction = compileAll(domain);
    for (;;) {
      const generation = await this.netfilter.generation();
      try {
        await this.netfilter.run(transaction, { generation });
        this.#generation = following(generation);
        return;
      } catch (error) {
        if (!isRestart(error)) throw error;
      }
    }
  }

  async close(): Promise<void> {
    closeSync(this.descriptor);
    await Promise.all([this.route.close(), this.netfilter.close()]);
  }
}
