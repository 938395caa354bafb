import { closeSync } from 'node:fs';
import { applyAndCompile, compileAll } from '../dataplane/compile.js';
import { hasShellFilters, removeShellChains, shellChains, tablesOf } from '../dataplane/shell-wrapper.js';
import { ipv6Table, table } from '../dataplane/tables.js';
import { KernelError, UnknownOutcomeError } from '../kernel/errors.js';
import type { NamespaceIdentity } from '../kernel/native.js';
import type { Chain } from '../kernel/nft/chain.js';
import type { Table } from '../kernel/nft/table.js';
import { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { type Change, invert, revertChanges } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { Trace } from '../trace/trace.js';
import type { Kernel, NetfilterAccess, RouteAccess } from './kernel.js';

/** The generation after one more transaction; 0 is skipped (nf_tables_commit, net/netfilter/nf_tables_api.c). */
function following(generation: number): number {
  return generation === 0xffffffff ? 1 : generation + 1;
}

/** Whether the kernel refused a transaction because the ruleset is of another generation by now. */
function isRestart(error: unknown): boolean {
  return error instanceof KernelError && error.code === 'ERESTART';
}

/** What of the ruleset decides how our table is made. */
interface Found {
  readonly generation: number;
  readonly hasTable: boolean;
  readonly hasIpv6Table: boolean;
  /** Of the table's family, whoever's they are. */
  readonly chains: readonly Chain[];
}

/** Whether there is neither our table nor anything whose work it takes over: then it can be dropped again. */
function isUntouched({ hasTable, chains }: Found): boolean {
  return !hasTable && shellChains(chains, undefined).length === 0;
}

/** A namespace that is open: sockets inside it, kept for its life. */
export class Session {
  /**
   * Generation of the ruleset after our last transaction: our table is what the model says as long as it has this one. Undefined
   * when that is not known; then the table is made anew with the next transaction.
   */
  #generation: number | undefined;
  /** Whether the shell wrapper's filters are in force. */
  #hasShellFilters = false;

  private constructor(
    readonly namespace: string,
    readonly identity: NamespaceIdentity,
    /** Open descriptor of the namespace, for links that are made in it. */
    readonly descriptor: number,
    readonly route: RouteAccess,
    readonly netfilter: NetfilterAccess,
    private readonly kernel: Kernel,
  ) {}

  /** Opens a namespace by its name in /run/netns. */
  static async open(namespace: string, kernel: Kernel): Promise<Session> {
    const descriptor = kernel.openNamespace(namespace);
    const opening = [kernel.openRoute(descriptor), kernel.openNetfilter(descriptor)] as const;
    try {
      const [route, netfilter] = await Promise.all(opening);
      return new Session(namespace, kernel.identifyNamespace(descriptor), descriptor, route, netfilter, kernel);
    } catch (error) {
      for (const outcome of await Promise.allSettled(opening)) {
        if (outcome.status === 'fulfilled') await outcome.value.close();
      }
      // Not while one of them is still being opened in it.
      closeSync(descriptor);
      throw error;
    }
  }

  /** Whether the namespace of that name is still the one this session is in. */
  isCurrent(): boolean {
    try {
      const { device, inode } = this.kernel.identifyNamespace(this.namespace);
      return device === this.identity.device && inode === this.identity.inode;
    } catch {
      // There is none of that name, or a plain file.
      return false;
    }
  }

  /** Whether our table is what the model says: nobody has changed the ruleset since we did. */
  async isTableKnown(): Promise<boolean> {
    return this.#generation !== undefined && this.#generation === (await this.netfilter.generation());
  }

  /**
   * Edits the domain, and our table with it in one transaction: by the difference when the table is known, else as a whole. When it
   * fails, both are as they were.
   *
   * @param trace where the time goes
   * @returns what takes it back
   */
  async change(domain: Domain, changes: readonly Change[], trace = new Trace()): Promise<() => Promise<void>> {
    const known = this.#generation;
    let isNew = false;
    try {
      const difference = trace.at('encode', () => applyAndCompile(domain, changes));
      await trace.during('kernel', async () => {
        if (known !== undefined && (await this.#runIf(difference, known))) return;
        const found = await this.#look();
        isNew = isUntouched(found);
        await this.#rebuild(domain, found);
      });
    } catch (error) {
      revertChanges(domain, changes);
      // Any other failure is that nothing was done: the kernel refuses a transaction as a whole.
      if (error instanceof UnknownOutcomeError) await this.#restore(domain, isNew, error);
      throw error;
    }
    if (!isNew) return async () => void (await this.change(domain, invert(changes)));
    return async () => {
      revertChanges(domain, changes);
      await this.#dropTable();
    };
  }

  /** Makes our table what it was when the outcome of a transaction is unknown. */
  async #restore(domain: Domain, isNew: boolean, cause: unknown): Promise<void> {
    try {
      if (isNew) await this.#dropTable();
      else await this.#rebuild(domain, await this.#look());
    } catch (error) {
      const words = (one: unknown) => (one instanceof Error ? one.message : String(one));
      throw new Error(`${words(cause)}; and the rules could not be put back: ${words(error)}; repeat the command`, {
        cause,
      });
    }
  }

  /**
   * What is there. The generation is asked for first and all on one socket: a transaction that is of this generation is about a ruleset of
   * which the rest is true.
   */
  async #look(): Promise<Found> {
    const [generation, tables, ipv6Tables, chains] = await Promise.all([
      this.netfilter.generation(),
      this.netfilter.tables(table.family),
      this.netfilter.tables(ipv6Table.family),
      this.netfilter.chains(table.family),
    ]);
    const has = (all: readonly Table[], wanted: Table) => all.some(({ name }) => name === wanted.name);
    return { generation, hasTable: has(tables, table), hasIpv6Table: has(ipv6Tables, ipv6Table), chains };
  }

  async #dropTable(): Promise<void> {
    this.#generation = undefined;
    const transaction = new NetfilterTransaction().destroy(table);
    if ((await this.#look()).hasIpv6Table) transaction.destroy(ipv6Table);
    await this.netfilter.run(transaction);
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

  async #rebuild(domain: Domain, found: Found): Promise<void> {
    this.#generation = undefined;
    for (let current = found; ; current = await this.#look()) {
      const { generation, hasIpv6Table, chains } = current;
      const transaction = compileAll(domain, hasIpv6Table);
      await this.#removeShellChains(transaction, shellChains(chains, undefined));
      try {
        await this.netfilter.run(transaction, { generation });
        this.#generation = following(generation);
        this.#hasShellFilters = hasShellFilters(chains);
        return;
      } catch (error) {
        if (!isRestart(error)) throw error;
      }
    }
  }

  /**
   * Removes the shell wrapper's filters that ours replace; until then both are in force. Nothing can put them back, so this comes when
   * all else is done.
   */
  async takeOverFilters(domain: Domain): Promise<void> {
    while (this.#hasShellFilters) {
      const generation = await this.netfilter.generation();
      const present = await this.netfilter.chains(table.family);
      const chains = shellChains(present, domain);
      if (chains.length === 0) return;
      const transaction = new NetfilterTransaction();
      await this.#removeShellChains(transaction, chains);
      try {
        await this.netfilter.run(transaction, { generation });
      } catch (error) {
        if (isRestart(error)) continue;
        if (error instanceof UnknownOutcomeError) this.#generation = undefined;
        const left = error instanceof UnknownOutcomeError ? await this.netfilter.chains(table.family) : present;
        if (shellChains(left, domain).length > 0) throw error;
      }
      if (this.#generation !== undefined) {
        this.#generation = this.#generation === generation ? following(generation) : undefined;
      }
      this.#hasShellFilters = hasShellFilters(present.filter((chain) => !chains.includes(chain)));
      return;
    }
  }

  async #removeShellChains(transaction: NetfilterTransaction, chains: readonly Chain[]): Promise<void> {
    if (chains.length === 0) return;
    const rules = await Promise.all(tablesOf(chains).map((place) => this.netfilter.rules(place)));
    removeShellChains(transaction, chains, rules.flat());
  }

  async close(): Promise<void> {
    closeSync(this.descriptor);
    await Promise.all([this.route.close(), this.netfilter.close()]);
  }
}
