import { join } from 'node:path';
import type { Endpoint } from '../../../test/host/endpoint.js';
import { TestHost } from '../../../test/host/host.js';
import { Network } from '../../../test/system/network.js';
import { type FirewallRule, ingress } from '../../../test/system/rules.js';
import { attachGuest, attachInternet, internet } from '../../../test/system/scene.js';
import { endDaemon } from '../daemon.js';
import { type ForwardedPort, writeForwards } from '../many-forwards.js';
import { nativeProgram } from '../native-programs.js';
import { performAnyhow } from '../perform.js';
import { firewallList } from '../rules/rule-lists.js';
import { Schedule } from '../schedule.js';
import { firewallCall } from '../sent-lists.js';
import { loadShellForwards } from '../shell-forwards.js';

const guestVlan = 1000;
const publicVlan = 200;

/** What lets a new connection in: the ports that packets go to, and the rule for each. */
export const shapes = {
  port: { port: 2500, ports: 2500, source: '0.0.0.0/0', words: 'one port, any source' },
  network: { port: 2501, ports: 2501, source: '198.51.100.0/24', words: 'one port, a /24' },
  range: { port: 2505, ports: [2503, 2509], source: '198.51.0.0/16', words: 'a range, a /16' },
} as const;
export type Shape = keyof typeof shapes;

const protocols = ['tcp', 'udp'] as const;
const reserved = { first: 2500, last: 2509 };
const used = Object.values(shapes).map(({ port }) => port);
/** Ports that make ten forwards, two protocols each. */
const fewPorts = [...used, 2506, 2507];

export interface PacketSceneOptions {
  /** On a real disk: becomes the host's /var/lib/cloudstack. */
  readonly stateDisk: string;
  /** How many rules and port forwards each network has. */
  readonly sizes: readonly number[];
  /** Content of the program to be installed in the product's place. */
  readonly wrapper?: string;
}

/** One client in the internet, and networks whose guests it reaches through one public address each. */
export class PacketScene {
  /** Source ports go round, so that no connection looks like a recent one. */
  readonly #sourcePorts = new SourcePorts(10_000, 50_000);
  /** Theirs stay in TIME_WAIT for a minute. */
  readonly #bulkPorts = new SourcePorts(50_000, 65_000);

  private constructor(
    readonly networks: readonly Network[],
    private readonly host: TestHost,
    private readonly client: Endpoint,
  ) {}

  static async create({ stateDisk, sizes, wrapper }: PacketSceneOptions): Promise<PacketScene> {
    const host = await TestHost.create({
      guestVlans: sizes.map((_, index) => guestVlan + index),
      publicVlans: [publicVlan],
      stateDisk,
    });
    try {
      if (wrapper === undefined) await host.install();
      else await host.installProgram('network-namespace', wrapper);
      const networks = sizes.map(
        (_, index) => new Network(host, { id: 700 + index, vlan: guestVlan + index, prefix: `10.1.${index}` }),
      );
      for (const network of networks) {
        await performAnyhow(host, 'implement-network', network.implementOptions());
        const address = network.addressOptions(publicIpOf(network), { sourceNat: true });
        await performAnyhow(host, 'assign-ip', address);
      }
      // Nobody adds ten thousand forwards one by one: the daemon is to find them when it starts.
      if (wrapper === undefined) await endDaemon(host);
      for (const [index, network] of networks.entries()) {
        const size = sizes[index] ?? 0;
        const forwards = { publicIp: publicIpOf(network), privateIp: `${network.prefix}.10`, ports: forwardsOf(size) };
        if (wrapper === undefined) {
          const directory = join(stateDisk, 'network-namespace', `network-${network.id}`);
          writeForwards(directory, forwards.publicIp, forwards.privateIp, forwards.ports);
        } else {
          await loadShellForwards(network, `vn-${guestVlan + index}-${network.id}`, forwards);
        }
      }
      for (const [index, network] of networks.entries()) {
        const schedule = new Schedule();
        const rules = rulesOf(publicIpOf(network), sizes[index] ?? 0);
        schedule.add(undefined, firewallCall({ host, directory: stateDisk }, network, `rules-${index}`, rules), 0);
        await schedule.run(host, stateDisk);
        const guest = await attachGuest(host, network, 10, guestVlan + index);
        await guest.output(nativeProgram('packet-server'), ...used.map(String));
      }
      return new PacketScene(networks, host, await attachInternet(host));
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  /**
   * One sample. The connections of the one before are forgotten first: the table is as long for everybody.
   *
   * @returns nanoseconds of one connection, flow, or mebibyte
   */
  async sample(network: Network, what: 'connect' | 'datagram' | 'bulk', shape: Shape, count: number): Promise<number> {
    await network.inside.output('conntrack', '-F');
    const source = what === 'bulk' ? this.#bulkPorts.take(1) : this.#sourcePorts.take(count);
    const words = [what, internet, publicIpOf(network), shapes[shape].port, source, count];
    return Number(await this.client.output(nativeProgram('packet-client'), ...words.map(String)));
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }
}

class SourcePorts {
  #next: number;

  constructor(
    private readonly first: number,
    private readonly end: number,
  ) {
    this.#next = first;
  }

  /** The first of so many, which follow each other. */
  take(count: number): number {
    if (this.#next + count > this.end) this.#next = this.first;
    const first = this.#next;
    this.#next += count;
    return first;
  }
}

function publicIpOf(network: Network): string {
  return `203.0.113.${10 + Number(network.id) - 700}`;
}

/** Half of them TCP; the ports that are used in the middle. */
function forwardsOf(count: number): ForwardedPort[] {
  const half = count / protocols.length;
  const ports =
    half <= fewPorts.length ? fewPorts : Array.from({ length: half }, (_, index) => 2505 - (half >> 1) + index);
  return protocols.flatMap((protocol) => ports.map((port) => ({ protocol, port })));
}

/** All for the address that the packets go to; those that let them in are in the middle. */
function rulesOf(publicIp: string, count: number): FirewallRule[] {
  const own = Object.values(shapes).flatMap(({ ports, source }) =>
    protocols.map((protocol) => ingress(publicIp, protocol, { ports, from: [source] })),
  );
  const others = firewallList({ seed: 1, count: count - own.length, publicIps: [publicIp], reserved });
  return others.toSpliced(others.length >> 1, 0, ...own);
}
