import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestHost } from '../../../test/host/host.js';
import { Network } from '../../../test/system/network.js';
import { endDaemon } from '../daemon.js';
import { aclCall, firewallCall } from '../sent-lists.js';

const guestVlan = 1000;
const publicVlan = 200;
const addressesPerNetwork = 8;

export interface RuleSceneOptions {
  /** On a real disk: becomes the host's /var/lib/cloudstack. */
  readonly stateDisk: string;
  readonly networks: number;
  readonly tiers: number;
  /** Runs the daemon in the place of Node. */
  readonly node?: string;
}

/** A host with the product installed, isolated networks with eight public addresses each, and VPC tiers. */
export class RuleScene {
  private constructor(
    readonly host: TestHost,
    readonly networks: readonly Network[],
    readonly tiers: readonly Network[],
    readonly directory: string,
  ) {}

  static async create({ stateDisk, networks, tiers, node }: RuleSceneOptions): Promise<RuleScene> {
    const guestVlans = Array.from({ length: networks + tiers }, (_, index) => guestVlan + index);
    const host = await TestHost.create({ guestVlans, publicVlans: [publicVlan], stateDisk });
    try {
      await host.install('network-namespace', node === undefined ? [] : ['--node', node]);
      const make = (index: number) => networkOf(host, index, index >= networks);
      const all = guestVlans.map((_, index) => make(index));
      const directory = join(stateDisk, 'rule-files');
      mkdirSync(directory);
      const scene = new RuleScene(host, all.slice(0, networks), all.slice(networks), directory);
      for (const network of all) await network.implement();
      for (const network of scene.networks) {
        for (const [index, publicIp] of publicIpsOf(network).entries()) {
          await network.assign(publicIp, { sourceNat: index === 0 });
        }
      }
      return scene;
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  /** Writes what a call is to bring along, and returns the call. */
  firewallCall(network: Network, name: string, rules: readonly unknown[]): string[] {
    return firewallCall(this, network, name, rules);
  }

  aclCall(tier: Network, name: string, entries: readonly unknown[]): string[] {
    return aclCall(this, tier, name, entries);
  }

  async stopDaemon(): Promise<void> {
    await endDaemon(this.host);
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }
}

/** Those of a network among the host's; tiers have none. */
export function publicIpsOf(network: Network): readonly [string, ...string[]] {
  const first = 10 + addressesPerNetwork * (Number(network.id) - 700);
  const addresses = Array.from({ length: addressesPerNetwork - 1 }, (_, index) => `203.0.113.${first + 1 + index}`);
  return [`203.0.113.${first}`, ...addresses];
}

function networkOf(host: TestHost, index: number, isTier: boolean): Network {
  const settings = { id: 700 + index, vlan: guestVlan + index, prefix: `10.1.${index}` };
  return new Network(host, isTier ? { ...settings, vpcId: 9 } : settings);
}
