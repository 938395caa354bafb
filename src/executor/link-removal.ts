/** Deletes links of the host, those of several networks together. */

import type { KernelError } from '../kernel/errors.js';
import type { Operation } from '../kernel/operation.js';
import { changeLink, deleteLink, type Link } from '../kernel/route/link.js';
import { RouteTransaction } from '../kernel/route/transaction.js';
import type { RouteAccess } from './kernel.js';

/** Links of one network that are to go: all of them, or none. */
interface Order {
  readonly links: readonly Link[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Link groups that mark what is about to go; a range operators are not likely to use. */
const groups = { first: 0x63730000, last: 0x6373ffff } as const;

/** What the kernel answers when a link is not there. */
const gone = 'ENODEV';

/**
 * The kernel waits some 20 ms whenever links are deleted, for one link as long as for hundreds, and meanwhile nobody else can change any
 * link. So what is asked for while it waits goes together in the next message, by a link group of its own.
 */
export class LinkRemoval {
  #waiting: Order[] = [];
  #isWorking = false;
  #group: number = groups.first;

  constructor(private readonly host: RouteAccess) {}

  /**
   * Deletes links, and with the end of a pair the other end; all of them or none. One that is not there any more is as good as deleted.
   *
   * @throws KernelError about one of them; UnknownOutcomeError when the kernel's answer was lost
   */
  remove(links: readonly Link[]): Promise<void> {
    if (links.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ links, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) await this.#removeTogether(this.#waiting.splice(0));
    this.#isWorking = false;
  }

  async #removeTogether(orders: readonly Order[]): Promise<void> {
    const marked = await this.#mark(orders);
    const [only] = marked;
    if (only === undefined) return;
    try {
      const [failure] = await this.#attempt([deleteLink({ object: 'link', inGroup: this.#group })]);
      if (failure === undefined || failure.code === gone) {
        for (const { resolve } of marked) resolve();
        return;
      }
      await this.#unmark(marked.flatMap((order) => order.links));
      // Whose fault it is shows when each goes alone.
      if (marked.length === 1) only.reject(failure);
      else for (const order of marked) await this.#removeTogether([order]);
    } catch (error) {
      await this.#giveUp(marked, error);
    }
  }

  /** Puts the links into a group of their own. @returns the orders of which all links are in it, or gone */
  async #mark(orders: readonly Order[]): Promise<readonly Order[]> {
    this.#group = this.#group === groups.last ? groups.first : this.#group + 1;
    const links = orders.flatMap((order) => order.links.map((link) => ({ order, link })));
    const failed = new Map<Order, KernelError>();
    const notMarked = new Set<Link>();
    try {
      const failures = await this.#attempt(
        links.map(({ link }) => changeLink({ object: 'link', index: link.index, group: this.#group })),
      );
      for (const failure of failures) {
        const of = links[failure.index];
        if (of === undefined) continue;
        notMarked.add(of.link);
        if (failure.code !== gone && !failed.has(of.order)) failed.set(of.order, failure);
      }
      // Else they would go with the others.
      await this.#unmark([...failed.keys()].flatMap((order) => order.links.filter((link) => !notMarked.has(link))));
    } catch (error) {
      await this.#giveUp(orders, error);
      return [];
    }
    for (const [order, failure] of failed) order.reject(failure);
    return orders.filter((order) => !failed.has(order));
  }

  /** Puts links back into the groups they were in. @throws KernelError */
  async #unmark(links: readonly Link[]): Promise<void> {
    const failures = await this.#attempt(links.map(({ index, group }) => changeLink({ object: 'link', index, group })));
    const failure = failures.find(({ code }) => code !== gone);
    if (failure !== undefined) throw failure;
  }

  async #giveUp(orders: readonly Order[], error: unknown): Promise<void> {
    try {
      await this.#unmark(orders.flatMap((order) => order.links));
    } catch {
      // The error that is told says that the outcome is unknown; a group that stays does no harm, and a repeat finds the links.
    }
    for (const { reject } of orders) reject(error);
  }

  #attempt(operations: readonly Operation[]): Promise<readonly KernelError[]> {
    return operations.length === 0 ? Promise.resolve([]) : this.host.attempt(RouteTransaction.of(operations));
  }
}
