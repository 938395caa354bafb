/** Keeps what guests are served in step with the networks there are. */

import { type FSWatcher, watch } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Domain, DomainId, Network } from '../model/domain.js';
import { findPlaces } from '../services/find-places.js';
import { GuestServices } from '../services/guest-services.js';
import type { ServedNetwork, ServedPlace } from '../services/served-place.js';
import { metadataDirectory, networkDirectory, passwordsFile } from '../state/layout.js';
import { domainsWithJournal } from '../state/left-journal.js';
import type { Place } from './execute.js';
import type { Kernel } from './kernel.js';

/** Where namespaces have their names (ip-netns(8)). */
const namespaceDirectory = '/run/netns';

export interface ServingOptions {
  readonly kernel: Kernel;
  readonly report: (line: string) => void;
  readonly rootOf: (extension: string) => string;
  readonly extensions: () => readonly string[];
  /** Runs a task between the commands of a domain. */
  readonly inTurn: (extension: string, id: DomainId, task: () => Promise<void>) => Promise<void>;
  /** Has in the files what was done about a domain, or about some of its paths. @throws StateError */
  readonly settled: (extension: string, id: DomainId, below?: readonly string[]) => Promise<void>;
  /** Takes a guest's password out of the state; to be called in turn. */
  readonly forget: (place: ServedPlace, networkId: string, guestIp: string) => Promise<void>;
}

/** Until it is started nothing is served: a command that runs without the daemon ends at once. */
export class Serving {
  readonly #services: GuestServices;
  #isStarted = false;
  #watcher: FSWatcher | undefined;
  #isClosed = false;

  constructor(private readonly options: ServingOptions) {
    const { kernel, report, inTurn, forget, settled } = options;
    this.#services = new GuestServices({
      listen: (namespace, where) => kernel.listen(namespace, where),
      report,
      settled: ({ extension, id, networks }) => settled(extension, id, networks.flatMap(toldPaths)),
      forgetPassword: ({ place, network, address }) =>
        inTurn(place.extension, place.id, () => forget(place, network.id, address)),
    });
  }

  get networks(): number {
    return this.#services.networks;
  }

  /** Returns at once; the networks there are follow one after the other. */
  start(): void {
    this.#isStarted = true;
    this.#findAll().catch((error: unknown) => this.options.report(`guests cannot be served: ${String(error)}`));
  }

  /** After a command: what is served of a domain is what it is now. */
  async follow(
    extension: string,
    { domain, session, state }: Pick<Place, 'domain' | 'session' | 'state'>,
  ): Promise<void> {
    if (!this.#isStarted) return;
    const { id, namespace } = domain;
    const networks = session === undefined ? [] : servedNetworks(domain);
    if (session === undefined || networks.length === 0) {
      this.#services.end(extension, id);
      return;
    }
    await this.#services.serve({ extension, root: state.root, id, namespace, identity: session.identity, networks });
    this.#watch();
  }

  /** Ends what is served of a domain. */
  end(extension: string, id: DomainId): void {
    this.#services.end(extension, id);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watcher?.close();
    await this.#services.close();
  }

  /**
   * A namespace whose name somebody else takes away would live on with our sockets in it, and its links with it. The directory is there
   * once the first namespace is.
   */
  #watch(): void {
    if (this.#watcher !== undefined || this.#isClosed) return;
    try {
      this.#watcher = watch(namespaceDirectory, { persistent: false }, (_, name) => {
        if (name !== null) this.#services.endGone(name, (namespace) => this.options.kernel.isNamespace(namespace));
      });
      this.#watcher.on('error', () => undefined);
    } catch {
      // No inotify watch to be had: the next command about the network finds out.
    }
  }

  async #findAll(): Promise<void> {
    const { extensions, rootOf, inTurn, settled, kernel, report } = this.options;
    for (const extension of extensions()) {
      const root = rootOf(extension);
      // What a daemon that was killed has left there may be all that a network's guests are told.
      for (const id of domainsWithJournal(root)) {
        await inTurn(extension, id, () => settled(extension, id)).catch((error: unknown) => report(String(error)));
      }
      for await (const { id, namespace, networks } of findPlaces(root)) {
        if (this.#isClosed) return;
        await inTurn(extension, id, async () => {
          // A command came first, and knows better.
          if (this.#services.serves(extension, id) || !kernel.isNamespace(namespace)) return;
          const identity = kernel.identifyNamespace(namespace);
          await this.#services.serve({ extension, root, id, namespace, identity, networks });
          this.#watch();
        });
        await setImmediate();
      }
    }
  }
}

/** What a network's guests are told lies there. */
function toldPaths({ id }: ServedNetwork): string[] {
  const directory = networkDirectory(id);
  return [`${directory}/${metadataDirectory}`, `${directory}/${passwordsFile}`];
}

/** The networks of a domain that are there and whose guests are told something. */
function servedNetworks({ network, userData }: Domain): ServedNetwork[] {
  return [...userData.keys()].flatMap((networkId) => servedNetwork(network.get(networkId)));
}

function servedNetwork(network: Network | undefined): ServedNetwork[] {
  if (network === undefined || !network.active || network.link === undefined) return [];
  const address = network.extensionIp ?? network.gateway;
  return address === undefined || network.cidr === undefined ? [] : [{ id: network.id, address, cidr: network.cidr }];
}
