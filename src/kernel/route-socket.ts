import { KernelError } from './errors.js';
import { type NamespaceReference, type NativeSocket, native } from './native.js';
import { type Address, decodeAddress, listAddresses } from './route/address.js';
import { decodeProgramFilter, listFilters, type ProgramFilter } from './route/ingress.js';
import { decodeLink, getLink, type Link, listLinks } from './route/link.js';
import { decodeNamespaceId, getNamespaceId, listNamespaceIds } from './route/namespace-id.js';
import { decodeNeighbour, getNeighbour, listNeighbours, type Neighbour } from './route/neighbour.js';
import { decodeRoute, listRoutes, lookUpRoute, type Route } from './route/route.js';
import { decodeRule, listRules, type PolicyRule } from './route/rule.js';
import type { RouteTransaction } from './route/transaction.js';
import { dump, failures, get, getAll, isAbsent, send, sendOrThrow } from './run.js';

/** How a transaction went, and what there is after it. */
export interface Attempt {
  /** An error for each operation that failed, in order. */
  readonly failures: KernelError[];
  /** Those of the links asked for that exist then, by name; undefined when the kernel did not tell all of them. */
  readonly links: ReadonlyMap<string, Link> | undefined;
}

/** A NETLINK_ROUTE socket inside a namespace: links, addresses, routes, policy rules, neighbours. */
export class RouteSocket {
  private constructor(private readonly socket: NativeSocket) {}

  /**
   * Opens a socket.
   *
   * @param namespace a name in /run/netns, a path, an open descriptor, or undefined for our own namespace
   */
  static async open(namespace?: NamespaceReference): Promise<RouteSocket> {
    return new RouteSocket(await native.NativeSocket.open('route', namespace));
  }

  /**
   * Sends a transaction.
   *
   * @throws KernelError the first operation that failed; the others were done nevertheless, save those in its `others`
   * @throws UnknownOutcomeError when the answer was lost
   */
  async run(transaction: RouteTransaction): Promise<void> {
    if (transaction.operations.length > 0) await sendOrThrow(this.socket, transaction.operations, {});
  }

  /** The bytes `run` would send. Values are checked as when sending; the kernel is not asked. */
  static encode(transaction: RouteTransaction): Uint8Array {
    return native.encode(transaction.operations);
  }

  /** Sends a transaction and returns what failed: an error for each such operation, in order. */
  async attempt(transaction: RouteTransaction): Promise<KernelError[]> {
    return (await this.attemptThenLook(transaction, [])).failures;
  }

  /**
   * Sends a transaction and asks for links behind it, all in one send: the answer to a second request would be one more wait.
   *
   * @param names of links in this namespace
   */
  async attemptThenLook(transaction: RouteTransaction, names: readonly string[]): Promise<Attempt> {
    const asked = names.map(getLink);
    const operations = [...transaction.operations, ...asked];
    if (operations.length === 0) return { failures: [], links: new Map() };
    const result = await send(this.socket, operations, {});
    const done = transaction.operations.length;
    const isAsked = ({ operation }: { readonly operation: number }) => operation >= done;
    const isTold = !result.overrun && result.errors.every((error) => !isAsked(error) || isAbsent(error.code));
    const errors = result.errors.filter((error) => !isAsked(error));
    return {
      failures: failures({ ...result, errors }, operations),
      links: isTold
        ? new Map(result.replies.map(({ operation, body }) => [names[operation - done] ?? '', decodeLink(body)]))
        : undefined,
    };
  }

  /** One link, by name or index. */
  async link(nameOrIndex: string | number): Promise<Link | undefined> {
    const message = await get(this.socket, getLink(nameOrIndex));
    return message === undefined ? undefined : decodeLink(message.body);
  }

  /** Those of the named links that exist, by name; one send. */
  async linksNamed(names: readonly string[]): Promise<Map<string, Link>> {
    const messages = await getAll(this.socket, names.map(getLink));
    return new Map(
      names.flatMap((name, index) => {
        const message = messages[index];
        return message === undefined ? [] : [[name, decodeLink(message.body)]];
      }),
    );
  }

  /** Links, filtered in the kernel: of a kind, or with a master. */
  async links(filter: { readonly kind?: string; readonly master?: number } = {}): Promise<Link[]> {
    return (await dump(this.socket, listLinks(filter))).map(({ body }) => decodeLink(body));
  }

  /** Addresses, filtered in the kernel. */
  async addresses(filter: { readonly link?: number; readonly family?: 'inet' | 'inet6' } = {}): Promise<Address[]> {
    return (await dump(this.socket, listAddresses(filter))).map(({ body }) => decodeAddress(body));
  }

  /** Routes, filtered in the kernel. */
  async routes(filter: {
    readonly family: 'inet' | 'inet6';
    readonly table?: number;
    readonly link?: number;
  }): Promise<Route[]> {
    try {
      return (await dump(this.socket, listRoutes(filter))).map(({ body }) => decodeRoute(body));
    } catch (error) {
      // A table that no route was ever added to does not exist; a new namespace has not even the main table.
      if (filter.table !== undefined && error instanceof KernelError && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  /** The route that a packet to an address takes; undefined when there is none. */
  async routeTo(destination: string): Promise<Route | undefined> {
    const message = await get(this.socket, lookUpRoute(destination));
    return message === undefined ? undefined : decodeRoute(message.body);
  }

  /** The routes that packets to each of some addresses take, by address; one send. */
  async routesTo(destinations: readonly string[]): Promise<Map<string, Route>> {
    const messages = await getAll(this.socket, destinations.map(lookUpRoute));
    return new Map(
      destinations.flatMap((destination, index) => {
        const message = messages[index];
        return message === undefined ? [] : [[destination, decodeRoute(message.body)]];
      }),
    );
  }

  /** The number that this namespace knows another one by, which an open descriptor names; undefined when it has none. */
  async namespaceId(descriptor: number): Promise<number | undefined> {
    const message = await get(this.socket, getNamespaceId(descriptor));
    return message === undefined ? undefined : decodeNamespaceId(message.body);
  }

  /** The numbers that this namespace knows others by. */
  async namespaceIds(): Promise<number[]> {
    const messages = await dump(this.socket, listNamespaceIds());
    return messages.map(({ body }) => decodeNamespaceId(body)).filter((id) => id !== undefined);
  }

  /** Policy rules, in the order they are asked. */
  async rules(family: 'inet' | 'inet6'): Promise<PolicyRule[]> {
    return (await dump(this.socket, listRules(family))).map(({ body }) => decodeRule(body));
  }

  /** One neighbour entry. */
  async neighbour(link: number, destination: string): Promise<Neighbour | undefined> {
    const message = await get(this.socket, getNeighbour(link, destination));
    return message === undefined ? undefined : decodeNeighbour(message.body);
  }

  /** Neighbour entries, filtered in the kernel. */
  async neighbours(filter: { readonly family: 'inet' | 'inet6'; readonly link?: number }): Promise<Neighbour[]> {
    return (await dump(this.socket, listNeighbours(filter))).map(({ body }) => decodeNeighbour(body));
  }

  /** The programs among the filters of a block of ingresses. */
  async programFilters(block: number): Promise<ProgramFilter[]> {
    return (await dump(this.socket, listFilters(block))).flatMap(({ body }) => decodeProgramFilter(body) ?? []);
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.socket.closed;
  }

  /** Closes the socket after what is under way. */
  close(): Promise<void> {
    return this.socket.close();
  }
}
