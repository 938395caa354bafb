import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandOptions } from '../../../test/host/host.js';
import type { Network } from '../../../test/system/network.js';
import { Side } from '../comparison/side.js';

const program = '/usr/lib/cloudstack-netns/cloudstack-netns.js';

/** VLANs have twelve bits: of more networks than this, some are on one VLAN. */
const mostVlans = 3_000;
const firstVlan = 1_000;
const firstPublicVlan = 200;
/** Bridges have 1,024 ports at most. */
const networksPerPublicVlan = 100;

/** A host with very many networks. */
export class ManyNetworks {
  private constructor(
    readonly side: Side,
    readonly most: number,
  ) {}

  /**
   * @param disk on a real disk: the host's state directory is made below it
   * @param most how many networks there can be
   */
  static async create(disk: string, most: number): Promise<ManyNetworks> {
    const vlans = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
    const side = await Side.create({
      disk,
      guestVlans: vlans(firstVlan, Math.min(most, mostVlans)),
      publicVlans: vlans(firstPublicVlan, Math.ceil(most / networksPerPublicVlan)),
    });
    return new ManyNetworks(side, most);
  }

  network(index: number): Network {
    const prefix = `10.${index >> 8}.${index & 255}`;
    return this.side.network({ id: 10_000 + index, vlan: firstVlan + (index % mostVlans), prefix });
  }

  /** A call that adds a port forward to a network, and the one that takes it away. */
  forwardCalls(index: number): { readonly add: string[]; readonly remove: string[] } {
    const network = this.network(index);
    const options = network.forwardOptions({
      publicIp: publicIpOf(index),
      publicVlan: publicVlanOf(index),
      publicPort: 8080,
      privateIp: `${network.prefix}.10`,
      privatePort: 80,
    });
    return {
      add: this.side.command('add-port-forward', options),
      remove: this.side.command('delete-port-forward', options),
    };
  }

  /** Makes the networks from one index up to another, each with a public address. */
  async fill(first: number, end: number): Promise<void> {
    await this.#batch(first, end, (network) => this.side.command('implement-network', network.implementOptions()));
    await this.#batch(first, end, (network, index) => this.side.command('assign-ip', addressOptions(network, index)));
    this.side.settle();
  }

  /** Gives a guest of each of these networks a password, which the daemon serves. */
  async tellGuests(first: number, end: number): Promise<void> {
    await this.#batch(first, end, (network) => {
      const options = { ...network.guestOptions(`${network.prefix}.10`), password: 'secret' };
      return this.side.command('save-password', options);
    });
    this.side.settle();
  }

  async destroy(): Promise<void> {
    await this.side.destroy();
  }

  async #batch(
    first: number,
    end: number,
    call: (network: Network, index: number) => readonly string[],
  ): Promise<void> {
    const indexes = Array.from({ length: end - first }, (_, offset) => first + offset);
    const calls = indexes.map((index) => call(this.network(index), index));
    const list = join(this.side.directory, 'calls');
    writeFileSync(list, calls.map(([, ...argv]) => `${JSON.stringify(argv)}\n`).join(''));
    const { exit, stdout } = await this.side.host.self.run([program, 'batch', list], { deadline: 900_000 });
    if (exit !== 0) throw new Error(`batch: ${stdout.split('\n').find((line) => line.includes('failed'))}`);
  }
}

function addressOptions(network: Network, index: number): CommandOptions {
  return network.addressOptions(publicIpOf(index), {
    sourceNat: true,
    gateway: '198.18.255.254',
    cidr: '198.18.0.0/16',
    vlan: publicVlanOf(index),
  });
}

function publicIpOf(index: number): string {
  return `198.18.${index >> 7}.${(index & 127) + 1}`;
}

function publicVlanOf(index: number): string {
  return `vlan://${firstPublicVlan + Math.floor(index / networksPerPublicVlan)}`;
}
