/** The domains of one host that commands have been about: loaded when first asked for, kept as long as they match the host. */

import { native } from '../kernel/native.js';
import type { RouteSocket } from '../kernel/route-socket.js';
import { applyChange, change } from '../model/change.js';
import type { Domain, DomainId } from '../model/domain.js';
import { loadDomain } from '../state/load-domain.js';
import type { StateDirectory } from '../state/state-directory.js';
import { type Place, setSysctls } from './execute.js';
import { Session } from './session.js';

export class Domains {
  readonly #places = new Map<string, Place>();
  #group = firstGroup;

  constructor(
    private readonly host: RouteSocket,
    private readonly filteredEnd: () => Promise<boolean>,
    /** Told about state files that were skipped. */
    private readonly report: (line: string) => void,
  ) {}

  /**
   * The place of a domain, in step with the host. What is kept in memory holds only as long as nobody else has been at work: a
   * namespace deleted or made anew, or a ruleset of another generation (the shell wrapper, `exec`, an operator) sends us back to the
   * state files. To be called under the domain's lock.
   */
  async find(state: StateDirectory, id: DomainId, namespace: string): Promise<Place> {
    const key = `${state.root} ${id.kind} ${id.id}`;
    const known = this.#places.get(key);
    if (known !== undefined) {
      if (await isInStep(known, namespace)) return known;
      this.#places.delete(key);
      // Closing waits for the kernel to let go of the ruleset; the command need not.
      void known.session?.close();
    }
    const place = await this.#load(state, id, namespace);
    this.#places.set(key, place);
    return place;
  }

  /** Forgets a domain that has nothing left on the host. */
  forget(state: StateDirectory, id: DomainId): void {
    this.#places.delete(`${state.root} ${id.kind} ${id.id}`);
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#places.values()].map((place) => place.session?.close()));
    this.#places.clear();
  }

  async #load(state: StateDirectory, id: DomainId, namespace: string): Promise<Place> {
    const files = await state.readDomainFiles(id);
    for (const warning of files.warnings) this.report(warning);
    const domain = loadDomain(id, files, namespace);
    const session = native.isNamespace(namespace) ? await Session.open(namespace) : undefined;
    domain.present = session !== undefined;
    if (session !== undefined) {
      await setSysctls(namespace);
      await activate(domain, session);
    }
    return {
      domain,
      state,
      host: this.host,
      session,
      filteredEnd: this.filteredEnd,
      nextGroup: () => {
        this.#group = this.#group === lastGroup ? firstGroup : this.#group + 1;
        return this.#group;
      },
    };
  }
}

/** Without a namespace nothing tells that the state files have changed; reading them anew is cheap then. */
async function isInStep({ session }: Place, namespace: string): Promise<boolean> {
  return session?.namespace === namespace && session.isCurrent() && (await session.isTableKnown());
}

/** Link groups for deleting several links at once; a range operators are not likely to use. */
const firstGroup = 0x63730000;
const lastGroup = 0x6373ffff;

/** A network is active when its guest link is there. One without VLAN has none; it is active with its namespace. */
async function activate(domain: Domain, session: Session): Promise<void> {
  const links = new Set((await session.route.links()).map((link) => link.name));
  for (const network of domain.network.values()) {
    const active = network.link === undefined ? domain.id.kind === 'network' : links.has(network.link);
    for (const edit of change(domain, 'network', network.id, { ...network, active })) applyChange(domain, edit);
  }
}
