import type { Kernel, NetfilterAccess, RouteAccess } from '../../executor/kernel.js';
import type { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import type { Operation } from '../../kernel/operation.js';
import { RouteTransaction } from '../../kernel/route/transaction.js';

/** An operation, and the errors that mean it is as wanted already. */
export interface Wanted {
  readonly operation: Operation;
  readonly tolerate?: readonly string[];
}

/** Sends operations in one go. @throws KernelError the first one the kernel refused */
export async function perform(route: Pick<RouteAccess, 'attempt'>, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return;
  const failures = await route.attempt(RouteTransaction.of(wanted.map(({ operation }) => operation)));
  const failure = failures.find(({ code, index }) => wanted[index]?.tolerate?.includes(code) !== true);
  if (failure !== undefined) throw failure;
}

/** Sockets in the host's own namespace, opened when they are asked for. */
export class HostSession {
  #netfilter: Promise<NetfilterAccess> | undefined;

  private constructor(
    readonly kernel: Kernel,
    readonly route: RouteAccess,
  ) {}

  static async open(kernel: Kernel): Promise<HostSession> {
    return new HostSession(kernel, await kernel.openRoute());
  }

  async runRules(transaction: NetfilterTransaction): Promise<void> {
    await (await this.netfilter()).run(transaction);
  }

  netfilter(): Promise<NetfilterAccess> {
    this.#netfilter ??= this.kernel.openNetfilter(undefined);
    return this.#netfilter;
  }

  async close(): Promise<void> {
    await this.route.close();
    await (await this.#netfilter)?.close();
  }
}
