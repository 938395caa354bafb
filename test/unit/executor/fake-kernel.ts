import { openSync } from 'node:fs';
import type { Kernel, NetfilterAccess, RouteAccess } from '../../../src/executor/kernel.js';
import { KernelError } from '../../../src/kernel/errors.js';
import type { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { SimulatedRefusal, SimulatedRuleset } from '../dataplane/simulated-ruleset.js';
import { fileWork } from '../state/file-work.js';

export function kernelError(code: string, errno = 1, index = 0): KernelError {
  return new KernelError({ code, errno, verb: 'add', subject: 'something', index });
}

/** nf_tables of one namespace in memory. `next` is thrown by the next transaction, before or after it was carried out. */
export class FakeNetfilter {
  readonly ruleset = new SimulatedRuleset();
  readonly transactions: NetfilterTransaction[] = [];
  next: { readonly error: Error; readonly done: boolean } | undefined;
  isClosed = false;

  readonly access: NetfilterAccess = {
    run: (async (transaction: NetfilterTransaction, options?: { readonly generation?: number }) => {
      if (options?.generation !== undefined && options.generation !== this.ruleset.generation) {
        throw kernelError('ERESTART');
      }
      const fault = this.next;
      this.next = undefined;
      if (fault?.done === false) throw fault.error;
      this.transactions.push(transaction);
      try {
        this.ruleset.run(transaction);
      } catch (error) {
        if (error instanceof SimulatedRefusal) throw kernelError(error.code);
        throw error;
      }
      if (fault !== undefined) throw fault.error;
    }) as NetfilterAccess['run'],
    generation: async () => this.ruleset.generation,
    tables: async () =>
      this.ruleset.has('cloudstack') ? [{ object: 'table', family: 'ip', name: 'cloudstack', handle: 1 }] : [],
    chains: async () => [],
    rules: async () => [],
    sets: async () => [],
    objects: async () => [],
    elements: async () => [],
    connectionCount: async () => 0,
    endConnections: async () => undefined,
    endConnectionsWhere: async () => 0,
    close: async () => {
      this.isClosed = true;
    },
  };
}

/** rtnetlink that knows nothing. */
export class FakeRoute {
  isClosed = false;

  readonly access: RouteAccess = {
    attempt: async () => [],
    attemptThenLook: async () => ({ failures: [], links: new Map() }),
    links: async () => [],
    linksNamed: async () => new Map(),
    addresses: async () => [],
    routes: async () => [],
    routesTo: async () => new Map(),
    rules: async () => [],
    namespaceId: async () => undefined,
    programFilters: async () => [],
    closed: false,
    close: async () => {
      this.isClosed = true;
    },
  };
}

/** A kernel with one namespace; what a test needs otherwise it replaces. */
export function fakeKernel(replaced: Partial<Kernel> = {}): Kernel {
  return {
    openNamespace: () => openSync('/dev/null', 'r'),
    openRoute: async () => new FakeRoute().access,
    openNetfilter: async () => new FakeNetfilter().access,
    createNamespace: async () => undefined,
    deleteNamespace: async () => undefined,
    listNamespaces: async () => [],
    isNamespace: () => true,
    identifyNamespace: () => ({ device: 4, inode: 4026531840 }),
    readSysctl: async () => '0',
    writeSysctls: async () => [],
    readLinkAttribute: async () => '0',
    writeLinkAttributes: async () => [],
    openShortCut: async () => -1,
    enterShortCut: async () => undefined,
    announceAddresses: async () => [],
    tryLock: () => true,
    listen: async () => {
      throw kernelError('EADDRNOTAVAIL');
    },
    ...fileWork,
    ...replaced,
  };
}
