import { closeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { ListenOptions, NamespaceReference } from '../kernel/native.js';
import { errorCode } from '../state/state-error.js';
import { type Endpoint, endpointsOf, type Guest, guestAt, type ServedPlace } from './served-place.js';

/** Opens a listening socket inside a namespace; the caller closes it. */
export type Listen = (namespace: NamespaceReference, options: ListenOptions) => Promise<number>;

/** What the listeners of all places have in common. */
export interface ListenerOptions {
  readonly listen: Listen;
  /** A guest has connected. */
  readonly accept: (socket: Socket, guest: Guest, service: Endpoint['service']) => void;
  /** Has all that guests are told in the files. */
  readonly settled: (place: ServedPlace) => Promise<void>;
}

/** An endpoint that could not be opened. */
export interface Unopened {
  readonly endpoint: Endpoint;
  /** The system's name of the reason. */
  readonly code: string;
}

function nameOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}

/** The open sockets of one namespace. */
export class Listeners {
  readonly #servers = new Map<string, Server>();

  constructor(
    /** Replaced when its networks become others; the namespace stays the same. */
    public place: ServedPlace,
    private readonly options: ListenerOptions,
  ) {}

  /** Networks whose own address can be asked. */
  get openNetworks(): number {
    const open = endpointsOf(this.place).filter((endpoint) => this.#servers.has(nameOf(endpoint)));
    return this.place.networks.filter(({ address }) => open.some((endpoint) => endpoint.address === address)).length;
  }

  /** Opens what is missing and closes what is too much. @returns what could not be opened */
  async update(): Promise<Unopened[]> {
    const wanted = new Map(endpointsOf(this.place).map((endpoint) => [nameOf(endpoint), endpoint]));
    for (const [name, server] of this.#servers) {
      if (wanted.has(name)) continue;
      server.close();
      this.#servers.delete(name);
    }
    const unopened: Unopened[] = [];
    for (const [name, endpoint] of wanted) {
      if (this.#servers.has(name)) continue;
      try {
        this.#servers.set(name, await this.#open(endpoint));
      } catch (error) {
        unopened.push({ endpoint, code: errorCode(error) ?? String(error) });
      }
    }
    return unopened;
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
    this.#servers.clear();
  }

  async #take(socket: Socket, service: Endpoint['service']): Promise<void> {
    const { remoteAddress: address } = socket;
    const known = address === undefined ? undefined : guestAt(this.place, address);
    const guest = known ?? (address === undefined ? undefined : await this.#lookAgain(address));
    if (guest === undefined) socket.destroy();
    else this.options.accept(socket, guest, service);
  }

  /** What makes it a guest may have been done and not be in a file yet. */
  async #lookAgain(address: string): Promise<Guest | undefined> {
    await this.options.settled(this.place).catch(() => undefined);
    return guestAt(this.place, address);
  }

  async #open({ address, port, service }: Endpoint): Promise<Server> {
    const descriptor = await this.options.listen(this.place.namespace, { address, port });
    const server = createServer({ noDelay: true }, (socket) => {
      // Before anything else: a connection that ends at once says so by an error.
      socket.on('error', () => socket.destroy());
      void this.#take(socket, service);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ fd: descriptor }, resolve);
      });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    server.on('error', () => undefined);
    return server;
  }
}
