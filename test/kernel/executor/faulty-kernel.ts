import { constants } from 'node:os';
import type { State } from '../../../src/executor/execute.js';
import type { Kernel, NetfilterAccess, RouteAccess } from '../../../src/executor/kernel.js';
import { KernelError, UnknownOutcomeError } from '../../../src/kernel/errors.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import type { Operation } from '../../../src/kernel/operation.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import type { Commit } from '../../../src/state/commit.js';
import { StateError } from '../../../src/state/state-error.js';

/** What a command asks of the kernel or the disk at one moment, as a place for a failure. */
export interface Point {
  /** Which of the command's, counted from 0. */
  readonly index: number;
  /** Which of those of the same kind that ask for the same, counted from 0. */
  readonly occurrence: number;
  readonly kind: /** One rtnetlink operation; the others of its batch are carried out, as the kernel does. */
    | 'operation'
    /** A whole rtnetlink batch, whose answer is lost. */
    | 'batch'
    /** One operation of an nf_tables transaction, which fails as a whole. */
    | 'rule'
    /** A whole nf_tables transaction, whose answer is lost. */
    | 'transaction'
    /** Something is read. */
    | 'read'
    | 'socket'
    | 'namespace'
    | 'sysctl'
    | 'connections'
    | 'state'
    /** Old state files are deleted. */
    | 'settle';
  readonly what: string;
}

/** What goes wrong at a point: an errno, or the answer is lost after nothing or everything was done. */
export type Failure = { readonly code: string } | { readonly lost: 'nothing done' | 'all done' };

/**
 * What goes wrong, and where: at a point that asks for the same. Its number is no help: how often something is read again depends on what
 * else the machine does.
 */
export interface Fault {
  readonly point: Pick<Point, 'kind' | 'what' | 'occurrence'>;
  readonly failure: Failure;
}

const errnoOf = (code: string) => constants.errno[code as keyof typeof constants.errno];

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: injected, ${what}`), { code, errno: errnoOf(code), syscall: 'injected' });
}

function kernelError(code: string, { verb, subject }: Operation, index: number): KernelError {
  return new KernelError({ errno: errnoOf(code), code, verb, subject, index, text: 'injected' });
}

/**
 * Stands between a handler and the kernel: notes each thing that is asked for, and makes one of them fail. The rest is real, so that
 * what is taken back afterwards is taken back in the kernel.
 */
export class FaultInjector {
  #points: Point[] = [];
  #fault: Fault | undefined;
  #armed = false;
  #struck = false;

  constructor(private readonly real: Kernel) {}

  /** From now on points are counted, and the fault strikes when its point comes. */
  arm(fault?: Fault): void {
    this.#points = [];
    this.#fault = fault;
    this.#armed = true;
    this.#struck = false;
  }

  /** Whether the point of the fault has come by since {@link arm}. */
  get struck(): boolean {
    return this.#struck;
  }

  /** Ends it; returns the points that came by. */
  disarm(): readonly Point[] {
    this.#armed = false;
    return this.#points;
  }

  /** The failure that strikes here, if any. It strikes once: taking back is not disturbed. */
  #at(kind: Point['kind'], text: string): Failure | undefined {
    if (!this.#armed) return undefined;
    // A link has another index each time the host is staged.
    const what = text.replace(/ index \d+/g, ' index');
    const index = this.#points.length;
    const occurrence = this.#points.filter((point) => point.kind === kind && point.what === what).length;
    this.#points.push({ index, kind, what, occurrence });
    const fault = this.#fault;
    if (fault?.point.kind !== kind || fault.point.what !== what || fault.point.occurrence !== occurrence)
      return undefined;
    this.#armed = false;
    this.#struck = true;
    return fault.failure;
  }

  /** For what either happens or fails with an errno. */
  async #either<Result>(kind: Point['kind'], what: string, action: () => Promise<Result>): Promise<Result> {
    const failure = this.#at(kind, what);
    if (failure === undefined) return action();
    if ('code' in failure) throw systemError(failure.code, what);
    if (failure.lost === 'all done') await action();
    throw systemError('EIO', what);
  }

  readonly kernel: Kernel = {
    openNamespace: (name) => this.real.openNamespace(name),
    openRoute: async (namespace) =>
      this.#route(
        namespace === undefined ? 'host' : 'inside',
        await this.#either('socket', 'rtnetlink', () => this.real.openRoute(namespace)),
      ),
    openNetfilter: async (namespace) =>
      this.#netfilter(await this.#either('socket', 'netfilter', () => this.real.openNetfilter(namespace))),
    createNamespace: (name) => this.#either('namespace', `create ${name}`, () => this.real.createNamespace(name)),
    deleteNamespace: (name) => this.#either('namespace', `delete ${name}`, () => this.real.deleteNamespace(name)),
    listNamespaces: () => this.#either('read', 'namespaces', () => this.real.listNamespaces()),
    isNamespace: (name) => this.real.isNamespace(name),
    identifyNamespace: (namespace) => this.real.identifyNamespace(namespace),
    readSysctl: (namespace, name) => this.#either('read', name, () => this.real.readSysctl(namespace, name)),
    writeSysctls: async (namespace, sysctls) => {
      for (const [index, { name }] of sysctls.entries()) {
        const failure = this.#at('sysctl', name);
        if (failure === undefined) continue;
        // The others are written, as the addon does.
        await this.real.writeSysctls(
          namespace,
          sysctls.filter((_, other) => other !== index),
        );
        const code = 'code' in failure ? failure.code : 'EIO';
        return [{ index, code, errno: errnoOf(code), syscall: 'write' }];
      }
      return this.real.writeSysctls(namespace, sysctls);
    },
    // Only vpcctl asks for them.
    readLinkAttribute: (namespace, link, name) => this.real.readLinkAttribute(namespace, link, name),
    writeLinkAttributes: (namespace, attributes) => this.real.writeLinkAttributes(namespace, attributes),
    openShortCut: (id) => this.real.openShortCut(id),
    enterShortCut: (namespace, descriptor, members) => this.real.enterShortCut(namespace, descriptor, members),
    // Announcements are made in the background, at a time of their own.
    announceAddresses: (namespace, announcements) => this.real.announceAddresses(namespace, announcements),
    tryLock: (descriptor) => this.real.tryLock(descriptor),
    // Nothing is served here; and a socket that cannot be opened makes no command fail.
    listen: (namespace, options) => this.real.listen(namespace, options),
    // What goes wrong with files is injected where the state directory is.
    buildFiles: (batch, flush) => this.real.buildFiles(batch, flush),
    compareFiles: (batch) => this.real.compareFiles(batch),
    removeFiles: (batch) => this.real.removeFiles(batch),
    flushFiles: (batch) => this.real.flushFiles(batch),
  };

  #route(where: 'host' | 'inside', real: RouteAccess): RouteAccess {
    const read = <Result>(what: string, action: () => Promise<Result>) =>
      this.#either('read', `${what} (${where})`, action);
    const attemptThenLook: RouteAccess['attemptThenLook'] = async (transaction, names) => {
      const { operations } = transaction;
      if (operations.length === 0) return real.attemptThenLook(transaction, names);
      const batch = this.#at('batch', `${operations.length} operations (${where})`);
      if (batch !== undefined) {
        if ('lost' in batch && batch.lost === 'all done') await real.attempt(transaction);
        throw new UnknownOutcomeError('injected', operations);
      }
      for (const [index, operation] of operations.entries()) {
        const failure = this.#at('operation', `${operation.verb} ${operation.subject} (${where})`);
        if (failure === undefined) continue;
        // The kernel goes on after an operation that failed; the others keep their numbers.
        const others = operations.filter((_, other) => other !== index);
        const { failures, links } = await real.attemptThenLook(RouteTransaction.of(others), names);
        const shifted = failures.map(
          (one) => new KernelError({ ...one, index: one.index + (one.index < index ? 0 : 1) }),
        );
        const code = 'code' in failure ? failure.code : 'EIO';
        const all = [...shifted, kernelError(code, operation, index)].sort((a, b) => a.index - b.index);
        return { failures: all, links };
      }
      return real.attemptThenLook(transaction, names);
    };
    return {
      links: (...filter) => read('links', () => real.links(...filter)),
      // Inside, only announcements ask for links by name.
      linksNamed: (names) =>
        where === 'host' ? read(`links ${names.join(' ')}`, () => real.linksNamed(names)) : real.linksNamed(names),
      addresses: (...filter) => read('addresses', () => real.addresses(...filter)),
      routes: (filter) => read('routes', () => real.routes(filter)),
      routesTo: (destinations) => read(`routes to ${destinations.join(' ')}`, () => real.routesTo(destinations)),
      rules: (family) => read('policy rules', () => real.rules(family)),
      namespaceId: (descriptor) => read('namespace id', () => real.namespaceId(descriptor)),
      programFilters: (block) => read('filters', () => real.programFilters(block)),
      get closed() {
        return real.closed;
      },
      close: () => real.close(),
      attempt: async (transaction) => (await attemptThenLook(transaction, [])).failures,
      attemptThenLook,
    };
  }

  #netfilter(real: NetfilterAccess): NetfilterAccess {
    const run = async (
      transaction: NetfilterTransaction,
      options?: { readonly generation?: number },
    ): Promise<void> => {
      const { operations } = transaction;
      const whole = this.#at('transaction', `${operations.length} operations`);
      if (whole !== undefined) {
        if ('lost' in whole && whole.lost === 'all done') await real.run(transaction, options);
        throw new UnknownOutcomeError('injected', operations);
      }
      for (const [index, operation] of operations.entries()) {
        const failure = this.#at('rule', `${operation.verb} ${operation.subject}`);
        if (failure === undefined) continue;
        // Let the kernel itself refuse and take back what came before: the operation is preceded by an impossible one.
        const poisoned = new NetfilterTransaction();
        const impossible = new NetfilterTransaction().delete({ object: 'table', family: 'ip', name: 'no-such-table' });
        poisoned.operations.push(...operations.slice(0, index), ...impossible.operations, ...operations.slice(index));
        const refusal = await real.run(poisoned, options).then(
          () => new Error('the kernel did not refuse an impossible transaction'),
          (error: unknown) => error,
        );
        if (!(refusal instanceof KernelError) || refusal.code !== 'ENOENT') throw refusal;
        throw kernelError('code' in failure ? failure.code : 'EIO', operation, index);
      }
      return real.run(transaction, options);
    };
    return {
      // Only the form without handles is used by the executor.
      run: run as NetfilterAccess['run'],
      generation: () => this.#either('read', 'generation', () => real.generation()),
      tables: (family) => this.#either('read', 'tables', () => real.tables(family)),
      chains: (family) => this.#either('read', 'chains', () => real.chains(family)),
      rules: (place) => this.#either('read', `rules of ${place.name}`, () => real.rules(place)),
      sets: (place) => this.#either('read', `sets of ${place.name}`, () => real.sets(place)),
      objects: (place) => this.#either('read', `objects of ${place.name}`, () => real.objects(place)),
      elements: (set) => this.#either('read', `elements of ${set.name}`, () => real.elements(set)),
      connectionCount: () => this.#either('read', 'connection count', () => real.connectionCount()),
      endConnections: (filter, inKernel) =>
        this.#either('connections', JSON.stringify(filter), () => real.endConnections(filter, inKernel)),
      endConnectionsWhere: (isMeant, families) =>
        this.#either('connections', 'those that are refused', () => real.endConnectionsWhere(isMeant, families)),
      close: () => real.close(),
    };
  }

  /** The state directory with the same failures. */
  state(real: State): State {
    const fail = async <Result>(kind: Point['kind'], what: string, action: () => Promise<Result>): Promise<Result> => {
      const failure = this.#at(kind, what);
      if (failure === undefined) return action();
      throw new StateError(`${real.root}/${what}: ${'code' in failure ? failure.code : 'EIO'}, injected`);
    };
    const tidy = (commit: Commit) => async () => {
      await commit.tidy();
      await fail('settle', 'old state', async () => undefined);
    };
    return {
      root: real.root,
      lock: (domain) => fail('state', 'lock', () => real.lock(domain)),
      readDomainFiles: (domain) => fail('state', 'read', () => real.readDomainFiles(domain)),
      signature: (networkIds) => real.signature(networkIds),
      settle: (domain, below) => real.settle(domain, below),
      close: () => real.close(),
      commit: async (domain, edits) => {
        const commit = await fail('state', `commit of ${edits.length} edits`, () => real.commit(domain, edits));
        return { ...commit, tidy: tidy(commit) };
      },
      prepare: async (domain, edits) => {
        const prepared = await fail('state', `preparation of ${edits.length} edits`, () => real.prepare(domain, edits));
        return {
          ...prepared,
          publish: async () => {
            const commit = await fail('state', `commit of ${edits.length} edits`, () => prepared.publish());
            return { ...commit, tidy: tidy(commit) };
          },
        };
      },
    };
  }
}
