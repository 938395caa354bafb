import {
  type Connection,
  type ConnectionFilter,
  comparedInKernel,
  decodeConnection,
  deleteConnection,
  deleteConnections,
  fits,
  listConnections,
} from './connection.js';
import { KernelError } from './errors.js';
import { type NamespaceReference, type NativeSocket, native } from './native.js';
import { type Chain, decodeChain } from './nft/chain.js';
import { type DecodedElement, decodeElements, type Element, haveSameKeys } from './nft/elements.js';
import type { Listed } from './nft/listed.js';
import { decodeObject, type NamedObject } from './nft/named-object.js';
import { decodeRule, type Rule } from './nft/rule.js';
import { decodeSet, type NamedSet, setWords } from './nft/set.js';
import { decodeTable, type Family, type Table } from './nft/table.js';
import type { NetfilterTransaction } from './nft/transaction.js';
import type { Operation } from './operation.js';
import { dump, failures, get, send, sendOrThrow } from './run.js';

/** How a transaction is to be run. */
export interface RunOptions {
  /** Only if the ruleset is still of this generation (ERESTART otherwise). */
  readonly generation?: number;
  /** Milliseconds the kernel may take to answer; 30,000 when absent. */
  readonly timeout?: number;
  /** Resolve with the handles of the objects the operations made. */
  readonly echo?: boolean;
}

/** For each operation of a transaction, the handle of the object it made; undefined where it made none. */
export type Handles = readonly (number | undefined)[];

const list = (message: string, subject: string, body: object): Operation => ({
  message,
  flags: 0,
  body,
  verb: 'list',
  subject,
});

/** A NETLINK_NETFILTER socket inside a namespace: nf_tables and connection tracking. */
export class NetfilterSocket {
  private constructor(private readonly socket: NativeSocket) {}

  /**
   * Opens a socket. Keep it: closing one after a transaction that deleted something waits for the kernel (~16 ms).
   *
   * @param namespace a name in /run/netns, a path, an open descriptor, or undefined for our own namespace
   */
  static async open(namespace?: NamespaceReference): Promise<NetfilterSocket> {
    return new NetfilterSocket(await native.NativeSocket.open('netfilter', namespace));
  }

  /**
   * Runs a transaction: all of it, or nothing.
   *
   * With `echo` the kernel tells of every object it made, and of every element: use it for transactions whose handles are needed.
   *
   * @throws KernelError the first operation the kernel refused, with the others in it; nothing was done
   * @throws UnknownOutcomeError when the answer was lost: read back
   */
  run(transaction: NetfilterTransaction, options: RunOptions & { readonly echo: true }): Promise<Handles>;
  run(transaction: NetfilterTransaction, options?: RunOptions): Promise<void>;
  async run(transaction: NetfilterTransaction, options: RunOptions = {}): Promise<unknown> {
    const { operations } = transaction;
    if (operations.length === 0) return [];
    const { replies } = await sendOrThrow(this.socket, operations, { nftables: true, ...options });
    if (options.echo !== true) return undefined;
    const handles: (number | undefined)[] = operations.map(() => undefined);
    for (const { operation, message, body } of replies) {
      // The last message is the new generation, which the kernel tells everyone.
      if (message === operations[operation]?.message) handles[operation] = (body as { handle?: number }).handle;
    }
    return handles satisfies Handles;
  }

  /** The bytes `run` would send. Values are checked as when sending; the kernel is not asked. */
  static encode(transaction: NetfilterTransaction): Uint8Array {
    return native.encode(transaction.operations, { nftables: true });
  }

  /** Number of the ruleset's present state; every committed transaction adds one. */
  async generation(): Promise<number> {
    const operation: Operation = {
      message: 'nft.generation.get',
      flags: 0,
      body: {},
      verb: 'get',
      subject: 'ruleset generation',
    };
    const reply = await get(this.socket, operation);
    return (reply?.body as { id?: number } | undefined)?.id ?? 0;
  }

  /** Tables; of one family, or of all. */
  async tables(family?: Family): Promise<Listed<Table>[]> {
    return (await dump(this.socket, list('nft.table.get', 'tables', { family }))).map(({ body }) => decodeTable(body));
  }

  /** Chains of all tables; of one family, or of all. Their counters and offload flags are not read. */
  async chains(family?: Family): Promise<Listed<Chain>[]> {
    return (await dump(this.socket, list('nft.chain.get', 'chains', { family }))).map(({ body }) => decodeChain(body));
  }

  /** Rules of a table or of one of its chains, in the order they are asked. */
  async rules(place: Table | Chain): Promise<Listed<Rule>[]> {
    const { family, name: table } = place.object === 'table' ? place : place.table;
    const chain = place.object === 'table' ? undefined : place.name;
    const operation = list('nft.rule.get', `rules of table ${table}`, { family, table, chain });
    return (await dump(this.socket, operation)).map(({ body }) => decodeRule(body));
  }

  /** Sets and maps of a table. */
  async sets({ family, name: table }: Table): Promise<Listed<NamedSet>[]> {
    const messages = await dump(this.socket, list('nft.set.get', `sets of table ${table}`, { family, table }));
    return messages.map(({ body }) => decodeSet(body));
  }

  /** Counters, quotas and limits of a table. */
  async objects({ family, name: table }: Table): Promise<Listed<NamedObject>[]> {
    const messages = await dump(this.socket, list('nft.object.get', `objects of table ${table}`, { family, table }));
    return messages.map(({ body }) => decodeObject(body)).filter((object) => object !== undefined);
  }

  /**
   * Elements of a set. Not every kernel marks a torn dump of a set: the generation is compared, too. And a hash set that
   * the kernel is growing or shrinking in the background, which no generation tells, is read wrongly beyond the first
   * message: such a dump counts only if another one gives the same elements in the same order.
   */
  async elements(set: NamedSet): Promise<Element[]> {
    const place = { family: set.table.family, table: set.table.name, set: set.name };
    const operation = list('nft.element.get', `elements of ${setWords(set)}`, place);
    let former: readonly DecodedElement[] | undefined;
    for (let attempt = 0; attempt < 10; attempt++) {
      const before = await this.generation();
      const messages = await dump(this.socket, operation);
      if ((await this.generation()) !== before) continue;
      const decoded = messages.flatMap(({ body }) => (body as { elements?: readonly DecodedElement[] }).elements ?? []);
      if (messages.length <= 1 || (former !== undefined && haveSameKeys(former, decoded))) {
        return decodeElements(set, decoded);
      }
      former = decoded;
    }
    throw new Error(`elements of ${setWords(set)} changed during ten dumps in a row`);
  }

  /** Tracked connections that a filter fits. */
  async connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
    return (await dump(this.socket, listConnections(filter)))
      .map(({ body }) => decodeConnection(body))
      .filter((connection) => fits(filter, connection));
  }

  /** How many connections the namespace tracks, of both families. */
  async connectionCount(): Promise<number> {
    const operation: Operation = {
      message: 'connection.statistics',
      flags: 0,
      body: {},
      verb: 'get',
      subject: 'connection count',
    };
    const reply = await get(this.socket, operation);
    return (reply?.body as { entries?: number } | undefined)?.entries ?? 0;
  }

  /**
   * Ends the tracked connections that a filter fits: their next packet is a new connection to the ruleset.
   *
   * @param inKernel whether the kernel compares while it deletes (Linux 6.9); otherwise they are listed and deleted one by one
   */
  async endConnections(filter: ConnectionFilter, inKernel: boolean): Promise<void> {
    if (inKernel && comparedInKernel(filter)) {
      await sendOrThrow(this.socket, [deleteConnections(filter)], {});
      return;
    }
    await this.#end(await this.connections(filter));
  }

  /**
   * Ends the tracked connections that `isMeant` picks; all of the families are listed.
   *
   * @returns how many
   */
  async endConnectionsWhere(
    isMeant: (connection: Connection) => boolean,
    families: readonly Connection['family'][] = ['inet', 'inet6'],
  ): Promise<number> {
    const listed = await Promise.all(families.map((family) => this.connections({ family })));
    const meant = listed.flat().filter(isMeant);
    await this.#end(meant);
    return meant.length;
  }

  async #end(connections: readonly Connection[]): Promise<void> {
    if (connections.length === 0) return;
    const operations = connections.map(deleteConnection);
    // One may have ended by itself meanwhile.
    const errors = failures(await send(this.socket, operations, {}), operations);
    const [error] = errors.filter((failure) => failure.code !== 'ENOENT');
    if (error instanceof KernelError) throw error;
  }

  /** Closes the socket after what is under way. */
  close(): Promise<void> {
    return this.socket.close();
  }
}
