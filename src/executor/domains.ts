/** The domains of one host that commands have been about: loaded when first asked for, kept as long as they match the host. */

import { closeSync } from 'node:fs';
import { mainTable } from '../kernel/route/route.js';
import { applyChange, change } from '../model/change.js';
import type { Domain, DomainId } from '../model/domain.js';
import type { DomainFiles } from '../state/domain-files.js';
import { loadDomain } from '../state/load-domain.js';
import { Trace } from '../trace/trace.js';
import type { Place, State, Surroundings } from './execute.js';
import { LinkRemoval } from './link-removal.js';
import { Session } from './session.js';
import { SharedUse } from './shared-use.js';

export class Domains {
  readonly #places = new Map<string, Place>();
  readonly #surroundings: Surroundings;

  constructor(given: Omit<Surroundings, 'hostDescriptor' | 'sharedUse' | 'linkRemoval'>) {
    this.#surroundings = {
      ...given,
      hostDescriptor: given.kernel.openNamespace(),
      sharedUse: new SharedUse(),
      linkRemoval: new LinkRemoval(given.host),
    };
  }

  /**
   * The place of a domain, in step with the host. What is kept in memory holds only as long as nobody else has been at work: a
   * namespace deleted or made anew, or a ruleset of another generation (the shell wrapper, `exec`, an operator) sends us back to the
   * state files. To be called under the domain's lock.
   */
  async find(state: State, id: DomainId, namespace: string): Promise<Place> {
    const key = keyOf(state, id);
    const known = this.#places.get(key);
    if (known !== undefined) {
      if (signatureOf(known) === known.signature && (await isInStep(known, namespace))) return known;
      this.#places.delete(key);
      leave(known);
    }
    const place = await this.#load(state, id, namespace);
    this.#places.set(key, place);
    return place;
  }

  /**
   * The place of a domain as it is now, only to look at: read anew, kept by nobody, without the lock. The caller closes its session.
   */
  async look(state: State, id: DomainId, namespace: string): Promise<Place> {
    return this.#load(state, id, namespace);
  }

  /** Notes that a domain's files are what they should be: a command has just written them. To be called under the domain's lock. */
  remember(place: Place): void {
    place.signature = signatureOf(place);
  }

  /** Forgets a domain that has nothing left on the host, or of which it is not known what is. */
  forget(state: State, id: DomainId): void {
    const key = keyOf(state, id);
    const known = this.#places.get(key);
    this.#places.delete(key);
    if (known !== undefined) leave(known);
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#places.values()].map((place) => place.session?.close()));
    this.#places.clear();
    closeSync(this.#surroundings.hostDescriptor);
  }

  async #load(state: State, id: DomainId, namespace: string): Promise<Place> {
    const { kernel, report } = this.#surroundings;
    const files = await state.readDomainFiles(id);
    const signature = state.signature(files.networks.keys());
    for (const warning of files.warnings) report(warning);
    const domain = loadDomain(id, files, namespace);
    const session = kernel.isNamespace(namespace) ? await Session.open(namespace, kernel) : undefined;
    const trace = new Trace();
    const place: Place = {
      ...this.#surroundings,
      domain,
      state,
      session,
      hasSysctls: false,
      trace,
      limits: [],
      signature,
    };
    if (session === undefined) return place;
    domain.present = true;
    try {
      await activate(domain, session);
      await completeRanges(domain, files, session);
    } catch (error) {
      leave(place);
      throw error;
    }
    return place;
  }
}

function signatureOf({ state, domain }: Place): string {
  return state.signature(domain.network.keys());
}

function keyOf(state: State, id: DomainId): string {
  return `${state.root} ${id.kind} ${id.id}`;
}

/** Closing waits for the kernel to let go of the ruleset; a command need not. */
function leave({ session }: Place): void {
  void session?.close().catch(() => undefined);
}

/** Without a namespace nothing tells that the state files have changed; reading them anew is cheap then. */
async function isInStep({ session }: Place, namespace: string): Promise<boolean> {
  return session?.namespace === namespace && session.isCurrent() && (await session.isTableKnown());
}

/**
 * An isolated network is active with its namespace, even when its guest link is missing: that is a network to be repaired. A tier is
 * active when its guest link is there, because the namespace outlives it.
 */
async function activate(domain: Domain, session: Session): Promise<void> {
  const links = new Set((await session.route.links()).map((link) => link.name));
  for (const network of domain.network.values()) {
    const active = domain.id.kind === 'network' || (network.link !== undefined && links.has(network.link));
    for (const edit of change(domain, 'network', network.id, { ...network, active })) applyChange(domain, edit);
  }
}

/**
 * The shell wrapper keeps neither the prefix nor the gateway of a public address. For those that it has assigned, the kernel still knows
 * them: as the prefix on the link, and as the default route.
 */
async function completeRanges(domain: Domain, files: DomainFiles, session: Session): Promise<void> {
  const unknown = [...domain.address.values()].filter(
    ({ address }) => files.addresses.get(address)?.range === undefined,
  );
  if (unknown.length === 0) return;
  const [links, addresses, routes] = await Promise.all([
    session.route.links(),
    session.route.addresses({ family: 'inet' }),
    session.route.routes({ family: 'inet', table: mainTable }),
  ]);
  const indexes = new Map(links.map(({ name, index }) => [name, index]));
  const defaultRoute = routes.find(({ destination, metric }) => destination === 'default' && metric === undefined);
  for (const assigned of unknown) {
    const index = indexes.get(assigned.link);
    const found = addresses.find(({ link, address }) => link === index && address === assigned.address);
    if (found === undefined) continue;
    const gateway = defaultRoute?.link === index ? defaultRoute?.gateway : undefined;
    const after = { ...assigned, prefix: found.prefix, gateway };
    for (const edit of change(domain, 'address', assigned.address, after)) applyChange(domain, edit);
  }
}
