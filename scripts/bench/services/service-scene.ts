import { setTimeout as sleep } from 'node:timers/promises';
import { daemonStatus } from '../../../src/daemon/status.js';
import { TestHost } from '../../../test/host/host.js';
import { ask, entry } from '../../../test/system/guest-http.js';
import { Network } from '../../../test/system/network.js';
import { attachGuest } from '../../../test/system/scene.js';
import { pidsOf } from './memory.js';

const guestVlan = 1000;

/** Milliseconds between two looks: the daemon that is asked has other things to do. */
const pollPause = 50;

/** As many at a time as the machine of the benchmark has processors. */
const atOnce = 2;

/** A host with very many networks, each of which gives a VM its address, its metadata and its password. */
export class ServiceScene {
  private constructor(
    readonly host: TestHost,
    readonly networks: readonly Network[],
  ) {}

  static async create(stateDisk: string, count: number): Promise<ServiceScene> {
    const vlans = Array.from({ length: count }, (_, at) => guestVlan + at);
    const host = await TestHost.create({ guestVlans: vlans, stateDisk });
    try {
      await host.install();
      await host.callRaw(['--status']);
      const networks = vlans.map(
        (vlan, at) => new Network(host, { id: 700 + at, vlan, prefix: `10.${1 + (at >> 8)}.${at & 255}` }),
      );
      return new ServiceScene(host, networks);
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  /** Has every network serve its VM. */
  async fill(): Promise<void> {
    const left = [...this.networks];
    const work = async () => {
      for (let network = left.shift(); network !== undefined; network = left.shift()) await serve(network);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async daemonPid(): Promise<number> {
    return (await this.#status()).pid;
  }

  async dnsmasqPids(): Promise<number[]> {
    return pidsOf(this.host, 'dnsmasq');
  }

  /**
   * Kills processes, and has a call start a daemon if there is none.
   *
   * @returns nanoseconds until all networks are served again by a daemon that knows of all their programs
   */
  async kill(pids: readonly number[]): Promise<number> {
    const begin = performance.now();
    await this.host.self.output('kill', '-9', ...pids.map(String));
    while (!(await this.#isServed(pids))) {
      if (performance.now() - begin > 120_000) throw new Error('not all networks are served again');
      await sleep(pollPause);
    }
    return (performance.now() - begin) * 1e6;
  }

  /** Whether guests of the first and of the last network really get what is theirs. */
  async check(): Promise<void> {
    for (const network of [this.networks[0], this.networks.at(-1)]) {
      if (network === undefined) continue;
      const guest = await attachGuest(this.host, network, 10, guestVlan + this.networks.indexOf(network));
      const url = `http://${network.gateway}/latest/meta-data/instance-id`;
      const isServed = async () => (await ask(guest, url)).body === instanceOf(network);
      if (!(await guest.eventually(isServed))) throw new Error(`a guest of network ${network.id} is not served`);
      await guest.remove();
    }
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }

  async #isServed(killed: readonly number[]): Promise<boolean> {
    const { pid, services, servedNetworks } = await this.#status();
    const count = this.networks.length;
    const running = services.filter((service) => service.pid !== undefined && !killed.includes(service.pid));
    return !killed.includes(pid) && running.length === count && servedNetworks === count;
  }

  async #status() {
    const { stdout } = await this.host.callRaw(['--status']);
    return daemonStatus.parse(JSON.parse(stdout));
  }
}

function instanceOf(network: Network): string {
  return `vm of ${network.id}`;
}

async function serve(network: Network): Promise<void> {
  const ip = `${network.prefix}.10`;
  await network.implement();
  await network.configure('dhcp');
  await network.addDhcpEntry({ mac: '02:01:00:00:00:0a', ip, hostname: 'web-1' });
  await network.saveVmData(ip, [
    entry('userdata', 'user_data', '#cloud-config\n'),
    entry('metadata', 'instance-id', instanceOf(network)),
    entry('metadata', 'local-hostname', 'web-1'),
    entry('password', 'vm_password', 'secret'),
  ]);
}
