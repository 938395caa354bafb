/** The services of a plan: the programs that serve guests are made what the domain and the state files say. */

import { existsSync } from 'node:fs';
import type { FreedAddress, ServiceWork } from '../commands/plan.js';
import type { Domain, DomainId } from '../model/domain.js';
import { dnsmasq } from '../services/dnsmasq.js';
import type { GuestProgram, KeepsLease } from '../services/guest-program.js';
import { haproxy } from '../services/haproxy.js';
import { radvd } from '../services/radvd.js';
import { configurationOf, type Running, type Service, serviceKey } from '../services/service.js';
import { wordsOf } from '../services/service-error.js';
import { Supervisor } from '../services/supervisor.js';
import type { FileEdit } from '../state/file-edit.js';
import { findDomains } from '../state/find-domains.js';
import { readFile } from '../state/small-file.js';
import type { Kernel } from './kernel.js';

const programs: { readonly [Name in GuestProgram['name']]: GuestProgram } = { dnsmasq, haproxy, radvd };

/** Whose network a service belongs to. */
export interface Owner {
  /** State root of the extension. */
  readonly root: string;
  readonly domain: DomainId;
}

export interface GuestProgramsOptions {
  readonly kernel: Kernel;
  /** Runs a task when no command is at work on the domain, and no other process. */
  readonly exclusively: (owner: Owner, task: () => Promise<void>) => Promise<void>;
  readonly report: (line: string) => void;
}

/** What a service is to be. */
interface Wanted {
  readonly isRunning: boolean;
  /** Files that it reads are others now. */
  readonly hasNewFiles: boolean;
  readonly freed: readonly FreedAddress[];
}

/** A service with whose it is. */
interface Owned extends Owner {
  readonly program: GuestProgram;
}

export class GuestPrograms {
  readonly #options: GuestProgramsOptions;
  readonly #supervisor: Supervisor;
  readonly #owners = new Map<string, Owned>();

  constructor(options: GuestProgramsOptions) {
    this.#options = options;
    const { kernel, report } = options;
    this.#supervisor = new Supervisor({
      namespace: (name) => (kernel.isNamespace(name) ? kernel.identifyNamespace(name) : undefined),
      revive: (service) => this.#revive(service),
      report,
    });
  }

  get health() {
    return this.#supervisor.health();
  }

  /**
   * Has the programs check what they are about to read.
   *
   * @param edits not yet made
   * @throws ServiceError with what the program said, or that it is not installed
   */
  async check(work: readonly ServiceWork[], edits: readonly FileEdit[], root: string, domain: Domain): Promise<void> {
    const edited = (path: string) => {
      const edit = edits.find((one) => one.path === path);
      if (edit === undefined || !('content' in edit)) return undefined;
      const content = String(edit.content);
      return content === readFile(`${root}/${path}`) ? undefined : content;
    };
    for (const { service, networkId } of work) {
      const program = programs[service];
      if (program.isWanted(domain, networkId)) await program.check(root, networkId, edited);
    }
  }

  /** Ends the services that are not to run any more; before their files go, by which they are known. */
  async stopUnwanted(work: readonly ServiceWork[], root: string, domain: Domain): Promise<void> {
    const unwanted = work.filter(({ service, networkId }) => !programs[service].isWanted(domain, networkId));
    await this.stop(unwanted, root, domain);
  }

  /**
   * Makes the services of a domain that are to run what the files on disk say.
   *
   * @param edits the edits that were made
   * @throws ServiceError
   */
  async converge(
    work: readonly ServiceWork[],
    edits: readonly FileEdit[],
    root: string,
    domain: Domain,
  ): Promise<void> {
    for (const one of work) {
      const program = programs[one.service];
      if (!program.isWanted(domain, one.networkId)) continue;
      const directory = `${program.directory(one.networkId)}/`;
      await this.#converge(one, root, domain, {
        isRunning: true,
        hasNewFiles: edits.some(({ path }) => path.startsWith(directory)),
        freed: one.service === 'dnsmasq' ? one.freed : [],
      });
    }
  }

  /** Ends the services of a network that goes. */
  async stop(work: readonly ServiceWork[], root: string, domain: Domain): Promise<void> {
    const wanted: Wanted = { isRunning: false, hasNewFiles: false, freed: [] };
    await Promise.all(work.map((one) => this.#converge(one, root, domain, wanted)));
  }

  /** What is to be done to put the services back when a plan fails: to be asked before it begins, and done when its files are undone. */
  restorer(work: readonly ServiceWork[], root: string, domain: Domain): () => Promise<void> {
    const before = work.map((one) => ({ one, isRunning: programs[one.service].isWanted(domain, one.networkId) }));
    return async () => {
      for (const { one, isRunning } of before) {
        await this.#converge(one, root, domain, { isRunning, hasNewFiles: true, freed: [] });
      }
    };
  }

  /** Takes over what an earlier daemon, or the shell wrapper, has left running, starts what has died meanwhile, and looks after all. */
  async begin(roots: readonly string[]): Promise<void> {
    const { kernel, report } = this.#options;
    try {
      for (const root of roots) {
        for await (const { id, namespace, networkIds } of findDomains(root)) {
          if (!kernel.isNamespace(namespace)) continue;
          for (const networkId of networkIds) {
            for (const program of Object.values(programs)) {
              this.#takeOver(program.service(root, networkId, namespace), { root, domain: id, program });
            }
          }
        }
      }
    } catch (error) {
      report(`services could not be looked for: ${String(error)}`);
    }
    this.#supervisor.begin();
  }

  close(): void {
    this.#supervisor.close();
  }

  #takeOver(service: Service, owned: Owned): void {
    const key = serviceKey(service);
    if (!existsSync(service.configurationFile) || !owned.program.demands(configurationOf(service)).isRunning) return;
    // A command was faster.
    if (this.#owners.has(key)) return;
    this.#owners.set(key, owned);
    const running = this.#supervisor.find(service);
    if (running === undefined || !this.#isUsable(service, running)) {
      this.#supervisor.expect(service);
      return;
    }
    this.#supervisor.adopt(service, running);
    // The daemon before may have died between writing the files and saying so. One that the shell wrapper started is left alone:
    // dnsmasq 2.90 can crash over lines that it writes (CONTRACT §12).
    if (running.configuration === undefined) return;
    this.#inTurn(service, () => this.#follow(service, owned)).catch((error: unknown) =>
      this.#options.report(wordsOf(error)),
    );
  }

  /** A service whose files may have changed without anybody saying so. */
  async #follow(service: Service, owned: Owned): Promise<void> {
    const running = this.#supervisor.find(service);
    const isRight = running !== undefined && this.#isUsable(service, running);
    if (!isRight || !(await this.#refresh(service, running, owned, true))) await this.#bringUp(service, running, owned);
  }

  async #converge({ service: name, networkId }: ServiceWork, root: string, domain: Domain, wanted: Wanted) {
    const program = programs[name];
    const service = program.service(root, networkId, domain.namespace);
    const running = this.#supervisor.find(service);
    if (!wanted.isRunning) {
      this.#owners.delete(serviceKey(service));
      await this.#supervisor.stop(service, running);
      return;
    }
    const owned: Owned = { root, domain: domain.id, program };
    this.#owners.set(serviceKey(service), owned);
    const { freed } = wanted;
    const correction = freed.length === 0 ? undefined : program.correction(root, networkId, keeperOf(freed));
    const isRight = running?.isInside === true && this.#supervisor.isUpToDate(service, running);
    if (isRight && correction === undefined) {
      this.#supervisor.adopt(service, running);
      if (await this.#refresh(service, running, owned, wanted.hasNewFiles)) return;
    }
    await this.#bringUp(service, running, owned, correction);
  }

  /** @returns false when it needs a new start */
  async #refresh(service: Service, running: Running, { program, root }: Owned, hasNewFiles: boolean): Promise<boolean> {
    const outstanding = await program.refresh(root, service.networkId, hasNewFiles);
    if (outstanding === 'signal') this.#supervisor.reload(service, running);
    return outstanding !== 'start';
  }

  /** A new process, in the place of the one that runs. */
  async #bringUp(service: Service, running: Running | undefined, { program, root }: Owned, correction?: () => void) {
    const takesOver = running?.isInside === true && correction === undefined && service.takeOver !== undefined;
    if (running !== undefined && !takesOver) await this.#supervisor.pause(running);
    correction?.();
    await program.prepare(root, service.networkId);
    await this.#supervisor.start(service, takesOver ? running : undefined);
  }

  /** Does something about a service that is still to run, when nobody else is at work on its network. */
  async #inTurn(service: Service, task: () => Promise<void>): Promise<void> {
    const owned = this.#owners.get(serviceKey(service));
    if (owned === undefined) return this.#supervisor.forget(service);
    await this.#options.exclusively(owned, async () => {
      // A command may have stopped it while this waited, here or in another process.
      if (!this.#owners.has(serviceKey(service))) return;
      if (!(await this.#isPossible(service, owned))) {
        this.#owners.delete(serviceKey(service));
        this.#supervisor.forget(service);
        return;
      }
      await task();
    });
  }

  async #revive(service: Service): Promise<void> {
    await this.#inTurn(service, async () => {
      const owned = this.#owners.get(serviceKey(service));
      const running = this.#supervisor.find(service);
      if (running !== undefined && this.#isUsable(service, running)) return this.#supervisor.adopt(service, running);
      if (owned !== undefined) await this.#bringUp(service, running, owned);
    });
  }

  /** Whether a process that was found can go on: of one that somebody else has started it is not known what it has read. */
  #isUsable(service: Service, running: Running): boolean {
    return running.isInside && (running.configuration === undefined || this.#supervisor.isUpToDate(service, running));
  }

  /** Whether the network is still there, by what is on the host: of a tier that was shut down only the guest link is gone. */
  async #isPossible(service: Service, { program }: Owned): Promise<boolean> {
    const { kernel } = this.#options;
    const { isRunning, link } = program.demands(configurationOf(service));
    if (!isRunning || !kernel.isNamespace(service.namespace)) return false;
    if (link === undefined) return true;
    const route = await kernel.openRoute(service.namespace);
    try {
      return (await route.linksNamed([link])).has(link);
    } finally {
      await route.close();
    }
  }
}

/** Whether a lease stays, by what is freed: that may be all addresses of a network. */
function keeperOf(freed: readonly FreedAddress[]): KeepsLease {
  const keepers = new Map<string, Set<string | undefined>>();
  for (const { ip, keep } of freed) keepers.set(ip, (keepers.get(ip) ?? new Set()).add(keep));
  return (ip, mac) => [...(keepers.get(ip) ?? [])].every((keep) => keep === mac);
}
