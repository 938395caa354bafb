/** Keeps services running: starts, finds again, stops, and starts again what has died. */

import { createHash } from 'node:crypto';
import { Gate } from './gate.js';
import {
  argumentsOf,
  end,
  hasEnded,
  isAlive,
  isIn,
  type NamespaceInode,
  type ProcessIdentity,
  processOf,
  signal,
} from './process.js';
import { type ProcessRecord, readPidFile, readRecord, removeRecord, writeRecord } from './process-record.js';
import { run } from './programs.js';
import { configurationOf, type Running, type Service, serviceKey } from './service.js';
import { ServiceError, wordsOf } from './service-error.js';

/** How often it is looked whether all still live, in milliseconds: reading a line of /proc takes 10 µs. */
const lookEvery = 1_000;

/** Milliseconds before the next try to start what has died: after the first death none, then doubled up to the last. */
const pauses = { first: 1_000, last: 60_000 } as const;

/** How long a process may go on with its old files, in milliseconds. */
const reloadAfter = 20;

/** Most services that are started at a time after many have died; the others follow. */
const mostRevivals = 8;

/** Who has lived this long is healthy again, in milliseconds. */
const healthyAfter = 60_000;

/** How one service is. */
export interface ServiceHealth {
  readonly name: string;
  readonly extension: string;
  readonly networkId: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** How often it was started again since the daemon's start. */
  readonly restarts: number;
  /** What went wrong with the last try to start it. */
  readonly problem: string | undefined;
}

export interface SupervisorOptions {
  /** What a namespace is known by; undefined when there is none of that name. */
  readonly namespace: (name: string) => NamespaceInode | undefined;
  /**
   * Called for a service that has died: makes it what it should be, in the order of all other work on its network. To call
   * {@link Supervisor.start} or {@link Supervisor.forget} is up to it.
   */
  readonly revive: (service: Service) => Promise<void>;
  readonly report: (line: string) => void;
}

interface Watched {
  readonly service: Service;
  process: ProcessRecord | undefined;
  since: number;
  restarts: number;
  /** Tries since it was last healthy. */
  tries: number;
  nextTry: number;
  isReviving: boolean;
  problem: string | undefined;
}

export class Supervisor {
  readonly #watched = new Map<string, Watched>();
  readonly #options: SupervisorOptions;
  readonly #reloads = new Map<string, { readonly send: () => void; readonly timer: NodeJS.Timeout }>();
  readonly #gate = new Gate(mostRevivals);
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * The process of a service, whoever started it: the recorded one, else that of the pid file, which the shell wrapper leaves. A process is
   * the service's only if it was started with the service's own argument: a number in an old file may be anybody's by now.
   */
  find(service: Service): Running | undefined {
    const record = readRecord(service.recordFile);
    const pid = readPidFile(service.pidFile);
    const named = pid === undefined ? undefined : processOf(pid);
    // The program's own word counts: the shell wrapper may have had another process take over.
    const isOther = named !== undefined && named.pid !== record?.pid;
    const candidates: ProcessRecord[] = [
      ...(isOther ? [{ ...named, configuration: undefined, former: busy(service, record) }] : []),
      ...(record !== undefined && isAlive(record) ? [record] : []),
      ...(named === undefined || isOther ? [] : [{ ...named, configuration: undefined, former: [] }]),
    ];
    for (const candidate of candidates) {
      if (!argumentsOf(candidate).includes(service.ownArgument)) continue;
      return { ...candidate, isInside: isIn(candidate, this.#options.namespace(service.namespace)) };
    }
    return undefined;
  }

  /** Watches a process that runs already. */
  adopt(service: Service, { pid, startTime, configuration, former }: Running): void {
    const record = { pid, startTime, configuration, former };
    const watched = this.#watched.get(serviceKey(service))?.process;
    if (watched?.pid === pid && watched.startTime === startTime) return;
    if (readRecord(service.recordFile)?.startTime !== startTime) writeRecord(service.recordFile, record);
    this.#watch(service, record);
  }

  /**
   * Starts a service; returns when it serves.
   *
   * @param running the process it takes over from; undefined when none runs
   * @throws ServiceError with what the program said
   */
  async start(service: Service, running?: Running): Promise<void> {
    const configuration = configurationDigest(service);
    const known = readRecord(service.recordFile);
    if (known !== undefined && running === undefined) await hasEnded(known);
    const further = running === undefined ? [] : (service.takeOver?.(running) ?? []);
    try {
      await run(service.program, [...service.parameters, ...further], service.namespace);
      const pid = readPidFile(service.pidFile);
      const started = pid === undefined || pid === running?.pid ? undefined : processOf(pid);
      if (started === undefined) throw new ServiceError(`${service.name} ended right after its start`);
      const record = { ...started, configuration, former: busy(service, running ?? known) };
      writeRecord(service.recordFile, record);
      this.#watch(service, record);
    } catch (error) {
      throw new ServiceError(`${service.name} of network ${service.networkId}: ${wordsOf(error)}`, { cause: error });
    }
  }

  /** Whether a process was started with the configuration that is on disk now. */
  isUpToDate(service: Service, { configuration }: Running): boolean {
    return configuration !== undefined && configuration === configurationDigest(service);
  }

  /**
   * Tells a process to read its files again, in a moment: dnsmasq takes 7 µs a lease for it, which whoever waits for the answer of a command
   * need not share a processor with, and several commands in a row are one reading. If this daemon dies before, the next one does it.
   */
  reload(service: Service, running: Running): void {
    const key = serviceKey(service);
    if (this.#reloads.has(key)) return;
    const send = () => {
      this.#reloads.delete(key);
      signal(running, 'SIGHUP');
    };
    this.#reloads.set(key, { send, timer: setTimeout(send, reloadAfter) });
  }

  /** Ends a service that is to run again at once: it stays watched. */
  async pause(running: Running): Promise<void> {
    await Promise.all([running, ...running.former].map(end));
  }

  /** Ends a service for good. */
  async stop(service: Service, running: Running | undefined): Promise<void> {
    this.forget(service);
    const all = running === undefined ? busy(service, readRecord(service.recordFile)) : [running, ...running.former];
    await Promise.all(all.map(end));
    removeRecord(service.recordFile);
    removeRecord(service.pidFile);
  }

  /** The service is not to run any more. */
  forget(service: Service): void {
    this.#watched.delete(serviceKey(service));
  }

  /** Watches a service that is to run and does not: it is started as one that has died. */
  expect(service: Service): void {
    this.#watch(service, undefined);
  }

  health(): ServiceHealth[] {
    return [...this.#watched.values()].map(({ service, process, restarts, problem }) => ({
      name: service.name,
      extension: service.extension,
      networkId: service.networkId,
      pid: process !== undefined && isAlive(process) ? process.pid : undefined,
      restarts,
      problem,
    }));
  }

  /** Begins to look after what it watches; the timer does not keep the process alive. */
  begin(): void {
    this.#look();
    this.#timer ??= setInterval(() => this.#look(), lookEvery).unref();
  }

  /** The services themselves serve on: the next daemon adopts them. */
  close(): void {
    clearInterval(this.#timer);
    for (const { send, timer } of this.#reloads.values()) {
      clearTimeout(timer);
      send();
    }
    this.#watched.clear();
  }

  #watch(service: Service, process: ProcessRecord | undefined): void {
    const key = serviceKey(service);
    const known = this.#watched.get(key);
    const now = performance.now();
    const fresh = { process, since: now, isReviving: false, problem: undefined };
    if (known?.isReviving === true) Object.assign(known, fresh, { isReviving: true });
    else this.#watched.set(key, { service, restarts: known?.restarts ?? 0, tries: 0, nextTry: 0, ...fresh });
  }

  #look(): void {
    const now = performance.now();
    for (const watched of this.#watched.values()) {
      if (watched.isReviving) continue;
      if (watched.process !== undefined && isAlive(watched.process)) {
        if (now - watched.since > healthyAfter) watched.tries = 0;
        continue;
      }
      if (now < watched.nextTry) continue;
      watched.isReviving = true;
      void this.#gate.run(() => this.#revive(watched));
    }
  }

  async #revive(watched: Watched): Promise<void> {
    const { service } = watched;
    // While it waited for its turn it was stopped, or the daemon began to stop.
    if (this.#watched.get(serviceKey(service)) !== watched) return;
    const pause = Math.min(pauses.first * 2 ** watched.tries, pauses.last);
    watched.tries++;
    const before = watched.process?.pid;
    try {
      await this.#options.revive(service);
      const now = watched.process?.pid;
      if (now !== before && this.#watched.get(serviceKey(service)) === watched) {
        watched.restarts++;
        this.#options.report(`${service.name} of network ${service.networkId} had ended; it runs again as ${now}`);
      }
    } catch (error) {
      watched.problem = wordsOf(error);
      this.#options.report(`${watched.problem}; the next try comes in ${pause / 1000} s`);
    }
    watched.nextTry = performance.now() + pause;
    watched.isReviving = false;
  }
}

/** Of a record's processes those that still live, and are the service's. */
function busy({ ownArgument }: Service, record: ProcessRecord | undefined): ProcessIdentity[] {
  if (record === undefined) return [];
  const { pid, startTime, former } = record;
  return [{ pid, startTime }, ...former].filter((one) => isAlive(one) && argumentsOf(one).includes(ownArgument));
}

function configurationDigest(service: Service): string {
  const text = service.startText(configurationOf(service));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
