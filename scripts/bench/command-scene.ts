import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TestHost } from '../../test/host/host.js';
import { Network } from '../../test/system/network.js';
import { endDaemon } from './daemon.js';
import { forwardedPorts, writeForwards } from './many-forwards.js';

const guestVlan = 1000;
const publicVlan = 200;

export interface SceneOptions {
  /** On a real disk: becomes the host's /var/lib/cloudstack. */
  readonly stateDisk: string;
  /** Of the network with many. */
  readonly forwards: number;
  /** How many networks are made and removed while measuring, one after the other. */
  readonly lifecycles: number;
  /** Runs the daemon in the place of Node. */
  readonly node?: string;
}

/** A host with the product installed and two networks that stay: one with a single port forward and one with very many. */
export class CommandScene {
  /** Milliseconds that the daemon's first call took: the daemon starts, reads the forwards, and puts them into the kernel. */
  firstCall = 0;

  private constructor(
    readonly host: TestHost,
    readonly few: Network,
    readonly many: Network,
  ) {}

  static async create({ stateDisk, forwards, lifecycles, node }: SceneOptions): Promise<CommandScene> {
    const host = await TestHost.create({
      guestVlans: Array.from({ length: lifecycles + 2 }, (_, index) => guestVlan + index),
      publicVlans: [publicVlan],
      stateDisk,
    });
    try {
      await host.install('network-namespace', node === undefined ? [] : ['--node', node]);
      const scene = new CommandScene(host, networkOf(host, 0), networkOf(host, 1));
      await scene.#fill(stateDisk, forwards);
      return scene;
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  /** A network that comes and goes; each has a VLAN of its own. */
  passing(index: number): Network {
    return networkOf(this.host, 2 + index);
  }

  /** Ends the daemon in an orderly way; the next call starts another. */
  async stopDaemon(): Promise<void> {
    await endDaemon(this.host);
  }

  /** Milliseconds that the end of the network with very many port forwards takes. */
  async shutDownMany(): Promise<number> {
    return (await this.many.shutdown()).milliseconds;
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }

  async #fill(stateDisk: string, forwards: number): Promise<void> {
    await this.few.implement();
    await this.few.assign(publicIpOf(this.few), { sourceNat: true });
    await this.few.addPortForward(forwardOf(this.few, 60_000));
    await this.many.implement();
    await this.many.assign(publicIpOf(this.many), { sourceNat: true });
    await this.stopDaemon();
    const directory = join(stateDisk, 'network-namespace', `network-${this.many.id}`);
    writeForwards(directory, publicIpOf(this.many), privateIpOf(this.many), forwardedPorts(forwards));
    // Else the first measured fdatasync would wait for all of them.
    execFileSync('sync', ['-f', stateDisk]);
    await this.host.callRaw(['--status']);
    const options = this.many.forwardOptions(forwardOf(this.many, 60_000));
    const { milliseconds } = await this.host.perform('add-port-forward', options);
    this.firstCall = milliseconds;
    await this.few.addPortForward(forwardOf(this.few, 60_000));
  }
}

function networkOf(host: TestHost, index: number): Network {
  return new Network(host, { id: 700 + index, vlan: guestVlan + index, prefix: `10.1.${index}` });
}

/** The first public address of a network, its source NAT. Those of passing networks are used again: their networks are gone. */
export function publicIpOf(network: Network): string {
  return `203.0.113.${10 + Math.min(Number(network.id) - 700, 2)}`;
}

/** A further one. */
export const furtherPublicIp = '203.0.113.20';

export function privateIpOf(network: Network): string {
  return `${network.prefix}.10`;
}

export function forwardOf(network: Network, publicPort: number) {
  return { publicIp: publicIpOf(network), publicPort, privateIp: privateIpOf(network), privatePort: 22 };
}
