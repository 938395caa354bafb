import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestHost } from '../../../test/host/host.js';
import { Network } from '../../../test/system/network.js';
import { type RestoredVm, restoreData, usualVmData } from '../../../test/system/restore-data.js';

const guestVlan = 1000;

/** A host with the product installed and networks of up to 65,000 guests. */
export class GuestScene {
  private constructor(
    readonly host: TestHost,
    readonly networks: readonly Network[],
    private readonly directory: string,
  ) {}

  /** @param stateDisk on a real disk: becomes the host's /var/lib/cloudstack */
  static async create(stateDisk: string, networks: number): Promise<GuestScene> {
    const guestVlans = Array.from({ length: networks }, (_, index) => guestVlan + index);
    const host = await TestHost.create({ guestVlans, publicVlans: [], stateDisk });
    try {
      await host.install();
      const directory = join(stateDisk, 'sent');
      mkdirSync(directory);
      const all = guestVlans.map(
        (vlan, index) => new Network(host, { id: 700 + index, vlan, prefix: `10.${index}.0` }),
      );
      return new GuestScene(host, all, directory);
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  implement(network: Network): string[] {
    return this.#call('implement-network', network.implementOptions({ cidr: cidrOf(network) }));
  }

  /** @param name under which the data is kept until the call is made */
  restore(network: Network, name: string, vms: readonly RestoredVm[]): string[] {
    const file = this.#write(name, restoreData({ vms }));
    const options = network.subnetOptions({ cidr: cidrOf(network), 'restore-data-file': file });
    return this.#call('restore-network', options);
  }

  addDhcpEntry(network: Network, vm: RestoredVm): string[] {
    return this.#call('add-dhcp-entry', network.dhcpEntryOptions(vm));
  }

  removeDhcpEntry(network: Network, { mac, ip }: RestoredVm): string[] {
    return this.#call('remove-dhcp-entry', network.entryOptions({ mac, ip }));
  }

  saveVmData(network: Network, name: string, { ip, data = [] }: RestoredVm): string[] {
    return this.#call('save-vm-data', { ...network.guestOptions(ip), 'vm-data-file': this.#write(name, data) });
  }

  /** Else the first measured fdatasync would wait for all that was written for the calls. */
  async flush(): Promise<void> {
    execFileSync('sync', ['-f', this.directory]);
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }

  #write(name: string, content: unknown): string {
    const file = join(this.directory, name);
    writeFileSync(file, Buffer.from(JSON.stringify(content)).toString('base64'));
    return file;
  }

  #call(command: string, options: Parameters<TestHost['callArguments']>[1]): string[] {
    return [this.host.wrapper, ...this.host.callArguments(command, options)];
  }
}

/** The VM of a number, from 0 on; `state` is another for one that is told other things. */
export function vmOf(network: Network, number: number, state = ''): RestoredVm {
  const [high, low] = [Math.floor((number + 10) / 250), 2 + ((number + 10) % 250)];
  const ip = `${network.prefix.split('.').slice(0, 2).join('.')}.${high}.${low}`;
  const mac = `02:00:00:00:${high.toString(16).padStart(2, '0')}:${low.toString(16).padStart(2, '0')}`;
  const name = `vm-${number}`;
  return { ip, mac, hostname: name, data: usualVmData(ip, `${name}${state}`) };
}

/** A network here has more guests than a /24. */
function cidrOf(network: Network): string {
  return `${network.prefix}.0/16`;
}
