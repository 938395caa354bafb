import type { DomainId } from '../model/domain.js';
import { ConnectionCount } from './connection-count.js';
import { Gate } from './gate.js';
import { GuestServer } from './guest-server.js';
import { defaultLimits, type Limits } from './limits.js';
import { type Listen, Listeners, type Unopened } from './listeners.js';
import { answerMetadata } from './metadata/metadata-responder.js';
import { Pace } from './pace.js';
import { answerPassword, type ForgetPassword } from './password/password-responder.js';
import type { ServedPlace } from './served-place.js';
import { wordsOf } from './service-error.js';
import { endShellServers } from './shell-servers.js';

export interface GuestServicesOptions {
  readonly listen: Listen;
  readonly forgetPassword: ForgetPassword;
  /** Has all that the guests of a place are told in the files, which are read then. @throws StateError */
  readonly settled: (place: ServedPlace) => Promise<void>;
  /** Told about what goes wrong outside of a command. */
  readonly report: (line: string) => void;
  readonly limits?: Limits;
}

/** Guests' files that are read at a time: of the four threads that Node has for files, commands need some. */
const readers = 2;

/** Milliseconds until sockets that could not be opened are tried again, doubled each time up to the longest. */
const firstRetry = 1_000;
const longestRetry = 60_000;

/** What is open for one domain. */
interface Entry {
  listeners: Listeners;
  /** Updates run one after the other. */
  last: Promise<void>;
  retry: NodeJS.Timeout | undefined;
  pause: number;
  /** What was reported, so that it is said once. */
  complaint: string;
}

/**
 * Tells the guests of all networks what they ask: metadata and passwords, from sockets inside their namespaces. There is one HTTP server for
 * each of the two; a network costs three sockets.
 */
export class GuestServices {
  readonly #entries = new Map<string, Entry>();
  readonly #servers: { readonly metadata: GuestServer; readonly password: GuestServer };
  #isClosed = false;

  constructor(private readonly options: GuestServicesOptions) {
    const { report, forgetPassword, settled, limits = defaultLimits } = options;
    const shared = { limits, report, settled, count: new ConnectionCount(limits), pace: new Pace(limits) };
    const gate = new Gate(readers);
    this.#servers = {
      metadata: new GuestServer((request, guest) => answerMetadata(request, guest, gate), shared),
      password: new GuestServer((request, guest) => answerPassword(request, guest, gate, forgetPassword), shared),
    };
  }

  /** How many networks are served. */
  get networks(): number {
    let count = 0;
    for (const { listeners } of this.#entries.values()) count += listeners.openNetworks;
    return count;
  }

  /** Whether a domain is served. */
  serves(extension: string, id: DomainId): boolean {
    return this.#entries.has(keyOf(extension, id));
  }

  /**
   * Serves a place as it is now, in the place of what was known of it. Returns when its sockets are open, or have failed to open; that is
   * reported and tried again.
   */
  async serve(place: ServedPlace): Promise<void> {
    if (this.#isClosed) return;
    const key = keyOf(place.extension, place.id);
    const known = this.#entries.get(key);
    if (place.networks.length === 0) return this.end(place.extension, place.id);
    if (known !== undefined && isSameNamespace(known.listeners.place, place)) {
      if (isSame(known.listeners.place, place)) return known.retry === undefined ? known.last : this.#update(known);
      known.listeners.place = place;
      this.#cutOthers(known.listeners);
      return this.#update(known);
    }
    this.end(place.extension, place.id);
    const listeners = new Listeners(place, {
      listen: this.options.listen,
      settled: this.options.settled,
      accept: (socket, guest, service) => this.#servers[service].take(socket, guest),
    });
    const entry: Entry = { listeners, last: Promise.resolve(), retry: undefined, pause: firstRetry, complaint: '' };
    this.#entries.set(key, entry);
    return this.#update(entry);
  }

  /** Ends what is open for a domain, connections included: nothing may hold a namespace that is gone. */
  end(extension: string, id: DomainId): void {
    const key = keyOf(extension, id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    clearTimeout(entry.retry);
    const { place } = entry.listeners;
    entry.listeners.place = { ...place, networks: [] };
    entry.listeners.close();
    // An update that is under way opens nothing that stays.
    entry.last = entry.last.then(() => entry.listeners.close());
    this.#cut((served) => served.extension === extension && served.id.kind === id.kind && served.id.id === id.id);
  }

  /** Ends what is open in the namespace of a name, unless it is there. */
  endGone(namespace: string, isThere: (namespace: string) => boolean): void {
    for (const { listeners } of [...this.#entries.values()]) {
      const { place } = listeners;
      if (place.namespace === namespace && !isThere(namespace)) this.end(place.extension, place.id);
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const entries = [...this.#entries.values()];
    for (const { listeners } of entries) this.end(listeners.place.extension, listeners.place.id);
    await Promise.all(entries.map(({ last }) => last));
  }

  #update(entry: Entry): Promise<void> {
    entry.last = entry.last.then(async () => {
      if (this.#isOpen(entry)) await this.#endShellServers(entry.listeners.place);
      const unopened = await entry.listeners.update();
      clearTimeout(entry.retry);
      entry.retry = undefined;
      this.#report(entry, unopened);
      if (unopened.length === 0) {
        entry.pause = firstRetry;
        return;
      }
      if (!this.#isOpen(entry)) return;
      entry.retry = setTimeout(() => void this.#update(entry), entry.pause).unref();
      entry.pause = Math.min(entry.pause * 2, longestRetry);
    });
    return entry.last;
  }

  /** What the shell wrapper has left there would keep the sockets from being opened. */
  async #endShellServers({ root, namespace, identity, networks }: ServedPlace): Promise<void> {
    const { report } = this.options;
    for (const { id } of networks) {
      try {
        for (const { name, pid } of await endShellServers(root, id, identity)) {
          report(
            `${namespace}: the shell wrapper's ${name} (process ${pid}) was ended; this daemon serves in its place`,
          );
        }
      } catch (error) {
        report(`${namespace}: the shell wrapper's servers could not be ended: ${wordsOf(error)}`);
      }
    }
  }

  #report(entry: Entry, unopened: readonly Unopened[]): void {
    // A namespace that lacks an address is half built: the next command completes it.
    const taken = unopened.filter(({ code }) => code !== 'EADDRNOTAVAIL' && code !== 'ENOENT');
    const complaint = taken.map(({ endpoint, code }) => `${endpoint.address}:${endpoint.port} (${code})`).join(', ');
    if (complaint !== '' && complaint !== entry.complaint && this.#isOpen(entry)) {
      this.options.report(
        `${entry.listeners.place.namespace}: guests cannot be served on ${complaint}; it is tried again`,
      );
    }
    entry.complaint = complaint;
  }

  #isOpen(entry: Entry): boolean {
    const { extension, id } = entry.listeners.place;
    return this.#entries.get(keyOf(extension, id)) === entry;
  }

  /** Connections of networks that are not served any more. */
  #cutOthers({ place }: Listeners): void {
    const served = new Set(place.networks.map(({ id }) => id));
    for (const server of Object.values(this.#servers)) {
      server.cut(
        (guest) =>
          guest.place.root === place.root && isSameId(guest.place.id, place.id) && !served.has(guest.network.id),
      );
    }
  }

  #cut(isGone: (place: ServedPlace) => boolean): void {
    for (const server of Object.values(this.#servers)) server.cut((guest) => isGone(guest.place));
  }
}

function keyOf(extension: string, id: DomainId): string {
  return `${extension} ${id.kind} ${id.id}`;
}

function isSameId(one: DomainId, other: DomainId): boolean {
  return one.kind === other.kind && one.id === other.id;
}

function isSameNamespace(one: ServedPlace, other: ServedPlace): boolean {
  return (
    one.namespace === other.namespace &&
    one.identity.device === other.identity.device &&
    one.identity.inode === other.identity.inode
  );
}

function isSame(one: ServedPlace, other: ServedPlace): boolean {
  return JSON.stringify(one.networks) === JSON.stringify(other.networks);
}
