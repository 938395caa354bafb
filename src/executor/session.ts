import { closeSync, openSync } from 'node:fs';
import { type NamespaceIdentity, native } from '../kernel/native.js';
import { NetfilterSocket } from '../kernel/netfilter-socket.js';
import { RouteSocket } from '../kernel/route-socket.js';

/** A namespace that is open: sockets inside it, kept for its life. */
export class Session {
  /** Whether our table is known to be what the model says; else it is made anew with the next transaction. */
  tableKnown = false;

  private constructor(
    readonly namespace: string,
    readonly identity: NamespaceIdentity,
    /** Open descriptor of the namespace, for links that are made in it. */
    readonly descriptor: number,
    readonly route: RouteSocket,
    readonly netfilter: NetfilterSocket,
  ) {}

  /** Opens a namespace by its name in /run/netns. */
  static async open(namespace: string): Promise<Session> {
    const descriptor = openSync(`/run/netns/${namespace}`, 'r');
    try {
      const [route, netfilter] = await Promise.all([RouteSocket.open(descriptor), NetfilterSocket.open(descriptor)]);
      return new Session(namespace, native.identifyNamespace(descriptor), descriptor, route, netfilter);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Whether the namespace of that name is still the one this session is in. */
  isCurrent(): boolean {
    if (!native.isNamespace(this.namespace)) return false;
    const { device, inode } = native.identifyNamespace(this.namespace);
    return device === this.identity.device && inode === this.identity.inode;
  }

  async close(): Promise<void> {
    closeSync(this.descriptor);
    await Promise.all([this.route.close(), this.netfilter.close()]);
  }
}
