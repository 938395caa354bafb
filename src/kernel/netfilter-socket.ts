import {
  type Connection,
  type ConnectionFilter,
  decodeConnection,
  deleteConnection,
  deleteConnections,
  listConnections,
} from './connection.js';
import { KernelError } from './errors.js';
import { type Message, type NamespaceReference, type NativeSocket, native } from './native.js';
import type { Family } from './nft/table.js';
import type { NetfilterTransaction } from './nft/transaction.js';
import type { Operation } from './operation.js';
import { dump, failures, get, send, sendOrThrow } from './run.js';

/** How a transaction is to be run. */
export interface RunOptions {
  /** Only if the ruleset is still of this generation (ERESTART otherwise). */
  readonly generation?: number;
}

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
   * @throws KernelError the first operation the kernel refused, with the others in it; nothing was done
   * @throws UnknownOutcomeError when the answer was lost: read back
   */
  async run(transaction: NetfilterTransaction, options: RunOptions = {}): Promise<void> {
    if (transaction.operations.length === 0) return;
    await sendOrThrow(this.socket, transaction.operations, { nftables: true, ...options });
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

  /** Tables as decoded messages: members of native/codec/nft/table.cpp. */
  async tables(family?: Family): Promise<readonly Message[]> {
    return dump(this.socket, list('nft.table.get', 'tables', { family }));
  }

  /** Chains as decoded messages. */
  async chains(family?: Family): Promise<readonly Message[]> {
    return dump(this.socket, list('nft.chain.get', 'chains', { family }));
  }

  /** Rules of a table as decoded messages. */
  async rules(family: Family, table: string, chain?: string): Promise<readonly Message[]> {
    return dump(this.socket, list('nft.rule.get', `rules of table ${table}`, { family, table, chain }));
  }

  /** Sets and maps of a table as decoded messages. */
  async sets(family: Family, table: string): Promise<readonly Message[]> {
    return dump(this.socket, list('nft.set.get', `sets of table ${table}`, { family, table }));
  }

  /** Elements of a set as decoded messages. Set dumps never say that they were torn: the generation is compared instead. */
  async elements(family: Family, table: string, set: string): Promise<readonly Message[]> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const before = await this.generation();
      const messages = await dump(this.socket, list('nft.element.get', `elements of ${set}`, { family, table, set }));
      if ((await this.generation()) === before) return messages;
    }
    throw new Error(`elements of ${set} in table ${table} changed during ten dumps in a row`);
  }

  /** Tracked connections that a filter fits. */
  async connections(filter: ConnectionFilter): Promise<Connection[]> {
    return (await dump(this.socket, listConnections(filter))).map(({ body }) => decodeConnection(body));
  }

  /** How many connections the namespace tracks. */
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
    const { destinationPorts } = filter;
    if (inKernel && destinationPorts === undefined) {
      await sendOrThrow(this.socket, [deleteConnections(filter)], {});
      return;
    }
    const operations = (await this.connections(filter))
      .filter(({ destinationPort: port = 0 }) => {
        return destinationPorts === undefined || (port >= destinationPorts.first && port <= destinationPorts.last);
      })
      .map(deleteConnection);
    if (operations.length === 0) return;
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
