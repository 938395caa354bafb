import type { Agent } from './agent.js';
import { Machine } from './machine.js';
import { dropNamespace, makeNamespace, type OwnNamespace } from './wire.js';

export interface EndpointOptions {
  /** Addresses of its `eth0`, with prefix. */
  readonly addresses: readonly string[];
  /** Further addresses, on `lo`: what lies behind a router. */
  readonly loopback?: readonly string[];
  /** Default route. */
  readonly gateway?: string;
  readonly mac?: string;
}

/** A machine with one interface `eth0` in a test host's network: a guest, or a router or client outside. */
export class Endpoint extends Machine {
  readonly device = 'eth0';
  /** First address of `eth0`, without prefix. */
  readonly address: string;

  private constructor(
    agent: Agent,
    name: string,
    private readonly own: OwnNamespace,
    options: EndpointOptions,
  ) {
    super(agent, name, own.path);
    this.address = options.addresses[0]?.replace(/\/.*/, '') ?? '';
  }

  /** `plugIn` makes `eth0` in the namespace whose path it is given. */
  static async create(
    agent: Agent,
    name: string,
    options: EndpointOptions,
    plugIn: (namespace: string) => Promise<unknown>,
  ): Promise<Endpoint> {
    const endpoint = new Endpoint(agent, name, await makeNamespace(agent), options);
    await plugIn(endpoint.namespace);
    await endpoint.ipBatch([
      ...(options.mac === undefined ? [] : [['link', 'set', 'eth0', 'address', options.mac]]),
      ['link', 'set', 'lo', 'up'],
      ...options.addresses.map((address) => ['address', 'add', address, 'dev', 'eth0']),
      ...(options.loopback ?? []).map((address) => ['address', 'add', address, 'dev', 'lo']),
      ['link', 'set', 'eth0', 'up'],
      ...(options.gateway === undefined ? [] : [['route', 'add', 'default', 'via', options.gateway]]),
    ]);
    return endpoint;
  }

  /** The hardware address it has for a neighbour. */
  async neighbour(address: string): Promise<string | undefined> {
    const text = await this.output('ip', 'neighbour', 'show', address, 'dev', 'eth0');
    return /lladdr ([0-9a-f:]+)/.exec(text)?.[1];
  }

  /** Unplugs it; the namespace goes with its last descriptor. */
  async remove(): Promise<void> {
    await this.run(['ip', 'link', 'delete', 'eth0']);
    await dropNamespace(this.agent, this.own);
  }
}
