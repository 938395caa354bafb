import { join } from 'node:path';
import type { Endpoint } from '../../host/endpoint.js';
import type { TestHost } from '../../host/host.js';
import { patience } from '../../host/patience.js';
import { projectRoot } from '../../host/project-root.js';
import { Network } from '../network.js';
import { createHost, internet } from '../scene.js';
import { Vpc } from '../vpc.js';
import { speakerPort, type Table } from './vocabulary.js';

/** What is outside: the router of the public VLAN, and behind it these addresses of the internet, the first by default. */
const outsideAddresses = [internet, '198.51.100.77', '198.51.100.200', '192.0.2.33', '192.0.2.130'];
const routerAddresses = ['203.0.113.1/24', '3.0.113.1/24', '203.100.113.1/24'];

const guestPorts = { tcp: [22, 80, 443, 8080, 8085, 8090], udp: [53, 123] };
const outsidePorts = { tcp: [25, 80, 443, 8080], udp: [53, 123] };

/** The host, networks and machines of one table. */
export class Stage {
  private constructor(
    private readonly host: TestHost,
    private readonly networks: ReadonlyMap<string, Network>,
    private readonly vpcs: ReadonlyMap<string, Vpc>,
    private readonly guests: ReadonlyMap<string, Endpoint>,
    private readonly outside: Endpoint,
  ) {}

  /** Host, cables and machines; what the product makes comes with the table's steps. */
  static async create(table: Table): Promise<Stage> {
    const vlans = Object.values(table.networks).map(({ vlan }) => vlan);
    const host = await createHost({ guestVlans: vlans, publicVlans: [200] });
    try {
      const networks = new Map(
        Object.entries(table.networks).map(([name, settings]) => [name, new Network(host, settings)] as const),
      );
      const vpcs = new Map(
        Object.entries(table.vpcs ?? {}).map(([name, settings]) => [name, new Vpc(host, settings)] as const),
      );
      const outside = await host.attachOutside(200, {
        addresses: routerAddresses,
        loopback: outsideAddresses.map((address) => `${address}/32`),
      });
      await listen(outside, outsidePorts);
      const guests = new Map(
        await Promise.all(
          Object.entries(table.guests).map(async ([name, guest]) => {
            const network = known(networks, guest.network);
            const vlan = known(new Map(Object.entries(table.networks)), guest.network).vlan;
            const endpoint = await host.attachGuest(vlan, {
              addresses: [`${network.prefix}.${guest.host}/24`],
              gateway: network.gateway,
            });
            await listen(endpoint, guestPorts);
            if (guest.speaks === true) await startSpeaker(endpoint);
            return [name, endpoint] as const;
          }),
        ),
      );
      return new Stage(host, networks, vpcs, guests, outside);
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  network(name: string): Network {
    return known(this.networks, name);
  }

  vpc(name: string): Vpc {
    return known(this.vpcs, name);
  }

  /** The machine of a name or of an address outside, and the source address it is to use. */
  sender(name: string): { readonly machine: Endpoint; readonly from: string | undefined } {
    const guest = this.guests.get(name);
    if (guest !== undefined) return { machine: guest, from: undefined };
    const address = name === 'internet' ? internet : name;
    if (!outsideAddresses.includes(address)) throw new Error(`nobody is called ${name} in this table`);
    return { machine: this.outside, from: address };
  }

  /** The machine `reaches …` means. */
  machine(name: string): Endpoint {
    return this.sender(name).machine;
  }

  address(name: string): string {
    return name === 'internet' ? internet : (this.guests.get(name)?.address ?? name);
  }

  /** Who has an address; of the outside all addresses are one. */
  ownerOf(address: string): string {
    for (const [name, endpoint] of this.guests) if (endpoint.address === address) return name;
    return outsideAddresses.includes(address) ? 'internet' : address;
  }

  async end(): Promise<void> {
    await this.host.destroy();
  }
}

async function listen(machine: Endpoint, ports: typeof guestPorts): Promise<void> {
  await Promise.all([
    ...ports.tcp.map((port) => machine.listenTcp(port)),
    ...ports.udp.map((port) => machine.listenUdp(port)),
  ]);
}

/** It ends with the test host. */
async function startSpeaker(machine: Endpoint): Promise<void> {
  const program = join(projectRoot, 'test/system/differential/speaker.py');
  const argv = ['python3', '-I', '-S', program, String(speakerPort)];
  machine.run(argv, { deadline: patience(600_000) }).catch(() => undefined);
  const listens = async () => (await machine.tcp(machine.address, speakerPort)).result === 'open';
  if (!(await machine.eventually(listens, patience(5000)))) throw new Error(`${machine.name}: no speaker`);
}

function known<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`nothing is called ${name} in this table`);
  return value;
}
