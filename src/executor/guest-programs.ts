/** The services of a plan: the programs that serve guests are made what the domain and the state files say. */

import { readFileSync } from 'node:fs';
import type { FreedAddress, ServiceWork } from '../commands/plan.js';
import type { Domain, DomainId } from '../model/domain.js';
import {
  checkConfiguration,
  dnsmasqService,
  hasStaleLease,
  type KeepsLease,
  prepareLog,
  removeStaleLeases,
} from '../services/dnsmasq.js';
import { type Running, type Service, serviceKey } from '../services/service.js';
import { Supervisor } from '../services/supervisor.js';
import { listenedLink, parseConfiguration } from '../state/dnsmasq-configuration.js';
import { dnsmasqDirectory, dnsmasqFiles, dnsmasqPlaces } from '../state/dnsmasq-places.js';
import type { FileEdit } from '../state/file-edit.js';
import { networkDirectory } from '../state/layout.js';
import { findConfigured } from './configured-services.js';
import type { Kernel } from './kernel.js';

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
  /** Files that it reads again on a signal are others now. */
  readonly hasNewLines: boolean;
  readonly freed: readonly FreedAddress[];
}

export class GuestPrograms {
  readonly #options: GuestProgramsOptions;
  readonly #supervisor: Supervisor;
  readonly #owners = new Map<string, Owner>();

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

  /** Whether a network's dnsmasq is to run. */
  static isWanted(domain: Domain, networkId: string): boolean {
    const network = domain.network.get(networkId);
    const service = domain.nameService.get(networkId);
    if (network === undefined || service === undefined || !network.active || !domain.present) return false;
    return network.link !== undefined && network.cidr !== undefined && (service.dhcp || service.dns === 'on');
  }

  /**
   * Has the programs check what they are about to read.
   *
   * @param edits not yet made
   * @throws ServiceError with what the program said, or that it is not installed
   */
  async check(work: readonly ServiceWork[], edits: readonly FileEdit[], root: string, domain: Domain): Promise<void> {
    for (const { networkId } of work) {
      if (!GuestPrograms.isWanted(domain, networkId)) continue;
      const edited = (file: keyof typeof dnsmasqFiles) => {
        const path = `${dnsmasqDirectory(networkId)}/${dnsmasqFiles[file]}`;
        const edit = edits.find((one) => one.path === path);
        if (edit === undefined || !('content' in edit)) return undefined;
        const content = String(edit.content);
        return content === textOf(`${root}/${path}`) ? undefined : content;
      };
      const configuration = edited('configuration');
      const hasNewOptions = edited('nicOptions') !== undefined;
      const optionLines = hasNewOptions ? edited('optionLines') : undefined;
      if (configuration === undefined && optionLines === undefined) continue;
      const text = configuration ?? textOf(dnsmasqPlaces(root, networkId).configuration);
      await checkConfiguration(`${root}/${networkDirectory(networkId)}`, text, optionLines);
    }
  }

  /** Ends the services that are not to run any more; before their files go, by which they are known. */
  async stopUnwanted(work: readonly ServiceWork[], root: string, domain: Domain): Promise<void> {
    const unwanted = work.filter(({ networkId }) => !GuestPrograms.isWanted(domain, networkId));
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
    for (const { networkId, freed } of work) {
      if (!GuestPrograms.isWanted(domain, networkId)) continue;
      const directory = `${dnsmasqDirectory(networkId)}/`;
      await this.#converge(root, domain, networkId, {
        isRunning: true,
        hasNewLines: edits.some(({ path }) => path.startsWith(directory)),
        freed,
      });
    }
  }

  /** Ends the services of a network that goes. */
  async stop(work: readonly ServiceWork[], root: string, domain: Domain): Promise<void> {
    const wanted: Wanted = { isRunning: false, hasNewLines: false, freed: [] };
    await Promise.all(work.map(({ networkId }) => this.#converge(root, domain, networkId, wanted)));
  }

  /** What is to be done to put the services back when a plan fails: to be asked before it begins, and done when its files are undone. */
  restorer(work: readonly ServiceWork[], root: string, domain: Domain): () => Promise<void> {
    const before = work.map(({ networkId }) => ({ networkId, isRunning: GuestPrograms.isWanted(domain, networkId) }));
    return async () => {
      for (const { networkId, isRunning } of before) {
        await this.#converge(root, domain, networkId, { isRunning, hasNewLines: true, freed: [] });
      }
    };
  }

  /** Takes over what an earlier daemon, or the shell wrapper, has left running, starts what has died meanwhile, and looks after all. */
  async begin(roots: readonly string[]): Promise<void> {
    const { kernel, report } = this.#options;
    try {
      for await (const { root, networkId, namespace, domain } of findConfigured(roots)) {
        if (!kernel.isNamespace(namespace)) continue;
        const service = dnsmasqService(root, networkId, namespace);
        const { dhcp, dns } = parseConfiguration(textOf(service.configurationFile));
        const key = serviceKey(service);
        // A command was faster.
        if ((!dhcp && dns !== 'on') || this.#owners.has(key)) continue;
        this.#owners.set(key, { root, domain });
        const running = this.#supervisor.find(service);
        if (running === undefined || !this.#isUsable(service, running)) {
          this.#supervisor.expect(service);
          continue;
        }
        this.#supervisor.adopt(service, running);
        // The daemon before may have died between writing the files and saying so. One that the shell wrapper started is left alone:
        // dnsmasq 2.90 can crash over lines that it writes (CONTRACT §12).
        if (running.configuration !== undefined) this.#supervisor.reload(service, running);
      }
    } catch (error) {
      report(`services could not be looked for: ${String(error)}`);
    }
    this.#supervisor.begin();
  }

  close(): void {
    this.#supervisor.close();
  }

  async #converge(root: string, domain: Domain, networkId: string, wanted: Wanted): Promise<void> {
    const service = dnsmasqService(root, networkId, domain.namespace);
    const running = this.#supervisor.find(service);
    if (!wanted.isRunning) {
      this.#owners.delete(serviceKey(service));
      await this.#supervisor.stop(service, running);
      return;
    }
    this.#owners.set(serviceKey(service), { root, domain: domain.id });
    const places = dnsmasqPlaces(root, networkId);
    const keeps: KeepsLease = (ip, mac) => !wanted.freed.some((freed) => freed.ip === ip && freed.keep !== mac);
    const isStale = wanted.freed.length > 0 && hasStaleLease(places, keeps);
    if (running?.isInside === true && this.#supervisor.isUpToDate(service, running) && !isStale) {
      this.#supervisor.adopt(service, running);
      if (wanted.hasNewLines) this.#supervisor.reload(service, running);
      return;
    }
    if (running !== undefined) await this.#supervisor.pause(running);
    if (isStale) removeStaleLeases(places, keeps);
    await prepareLog(places);
    await this.#supervisor.start(service);
  }

  async #revive(service: Service): Promise<void> {
    const owner = this.#owners.get(serviceKey(service));
    if (owner === undefined) return this.#supervisor.forget(service);
    await this.#options.exclusively(owner, async () => {
      // A command may have stopped it while this waited, here or in another process.
      if (!this.#owners.has(serviceKey(service))) return;
      if (!(await this.#isPossible(service))) {
        this.#owners.delete(serviceKey(service));
        this.#supervisor.forget(service);
        return;
      }
      const running = this.#supervisor.find(service);
      if (running !== undefined && this.#isUsable(service, running)) return this.#supervisor.adopt(service, running);
      if (running !== undefined) await this.#supervisor.pause(running);
      await prepareLog(dnsmasqPlaces(owner.root, service.networkId));
      await this.#supervisor.start(service);
    });
  }

  /** Whether a process that was found can go on: of one that somebody else has started it is not known what it has read. */
  #isUsable(service: Service, running: Running): boolean {
    return running.isInside && (running.configuration === undefined || this.#supervisor.isUpToDate(service, running));
  }

  /** Whether the network is still there, by what is on the host: of a tier that was shut down only the guest link is gone. */
  async #isPossible({ configurationFile, namespace }: Service): Promise<boolean> {
    const { kernel } = this.#options;
    const text = textOf(configurationFile);
    const { dhcp, dns } = parseConfiguration(text);
    const link = listenedLink(text);
    if ((!dhcp && dns !== 'on') || link === undefined || !kernel.isNamespace(namespace)) return false;
    const route = await kernel.openRoute(namespace);
    try {
      return (await route.linksNamed([link])).has(link);
    } finally {
      await route.close();
    }
  }
}

/** Empty when there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
