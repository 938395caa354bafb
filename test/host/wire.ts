import { z } from 'zod';
import type { Agent } from './agent.js';
import { Machine } from './machine.js';
import { type Vlan, vlanLink } from './vlan.js';

const namespaceSchema = z.object({ path: z.string(), descriptor: z.number() });
export type OwnNamespace = z.infer<typeof namespaceSchema>;

/** A network namespace without a name, so that it does not show in the host's `ip netns`. */
export async function makeNamespace(agent: Agent): Promise<OwnNamespace> {
  return agent.ask('makeNamespace', {}, namespaceSchema);
}

export async function dropNamespace(agent: Agent, namespace: OwnNamespace): Promise<void> {
  await agent.ask('dropNamespace', { descriptor: namespace.descriptor }, z.unknown());
}

/**
 * Interface indexes of the wire begin here. When both ends of a veth pair have the same index, the kernel takes an end
 * for a device without a peer and may report its carrier a second late; a bridge drops what comes until then.
 */
const firstIndex = 5000;

/** Whether this kernel has 802.1Q; asked once, the answer is the same for every test host of a machine. */
let kernelHasVlans: boolean | undefined;

/**
 * The network the host's NICs are plugged into, as a namespace of its own: each NIC of the host is one end of a veth
 * pair whose other end lies here. A VLAN is a *segment*: a bridge in which the outer end of the VLAN and the machines
 * attached to it are ports.
 *
 * On a kernel with 802.1Q, packets are really tagged between the host's NIC and the wire. Without, the VLAN link
 * `eth1.100` is made beforehand as a veth pair of its own and the host finds it existing.
 */
export class Wire {
  private readonly segments = new Map<string, Promise<string>>();
  private readonly prepared = new Set<string>();
  private attached = 0;
  private nextIndex = firstIndex;

  private constructor(
    readonly machine: Machine,
    private readonly host: Machine,
    readonly realVlans: boolean,
  ) {}

  static async create(agent: Agent, host: Machine, devices: readonly string[]): Promise<Wire> {
    const machine = new Machine(agent, 'the wire', (await makeNamespace(agent)).path);
    const wire = new Wire(machine, host, await hasVlans(machine));
    await wire.connect(devices);
    await host.ipBatch(['lo', ...devices].map((device) => ['link', 'set', device, 'up']));
    return wire;
  }

  /** Makes the links of VLANs in the host where the kernel could not. They are left down, as a fresh VLAN link is. */
  async prepare(links: readonly { device: string; vlan: Vlan }[]): Promise<void> {
    if (this.realVlans) return;
    const names = new Set(
      links.filter(({ vlan }) => vlan !== 'untagged').map(({ device, vlan }) => vlanLink(device, vlan)),
    );
    const missing = [...names].filter((name) => !this.prepared.has(name));
    for (const name of missing) this.prepared.add(name);
    if (missing.length === 0) return;
    await this.connect(missing);
    // As the product does with the VLAN links it makes.
    await this.host.output('sysctl', '-q', '-w', ...missing.map((name) => `net/ipv6/conf/${name}/disable_ipv6=1`));
  }

  /** The bridge of a VLAN's segment, made at its first use. */
  async segment(device: string, vlan: Vlan): Promise<string> {
    const port = vlanLink(device, vlan);
    const known = this.segments.get(port);
    if (known !== undefined) return known;
    const made = this.makeSegment(device, vlan, port, `seg${this.segments.size}`);
    this.segments.set(port, made);
    return made;
  }

  /** A fresh port of a segment, the outer end of a machine's `eth0`. */
  async plugIn(device: string, vlan: Vlan, namespace: string): Promise<string> {
    const bridge = await this.segment(device, vlan);
    const port = `port${this.attached++}`;
    await this.machine.ipBatch([
      ['link', 'add', port, 'index', this.index(), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace],
      ['link', 'set', port, 'master', bridge, 'up'],
    ]);
    return port;
  }

  /** Links of the host whose other ends, of the same names, lie here. */
  private async connect(names: readonly string[]): Promise<void> {
    await this.machine.ipBatch(
      names.flatMap((name) => [
        [
          'link',
          'add',
          name,
          'index',
          this.index(),
          'type',
          'veth',
          'peer',
          'name',
          name,
          'netns',
          this.host.namespace,
        ],
        ['link', 'set', name, 'up'],
      ]),
    );
  }

  private index(): string {
    return String(this.nextIndex++);
  }

  private async makeSegment(device: string, vlan: Vlan, port: string, bridge: string): Promise<string> {
    if (this.realVlans && vlan !== 'untagged') {
      await this.machine.output('ip', 'link', 'add', 'link', device, 'name', port, 'type', 'vlan', 'id', String(vlan));
    } else {
      await this.prepare([{ device, vlan }]);
    }
    await this.machine.ipBatch([
      ['link', 'add', bridge, 'type', 'bridge'],
      ['link', 'set', port, 'master', bridge, 'up'],
      ['link', 'set', bridge, 'up'],
    ]);
    return bridge;
  }
}

/** By trying, unless CSN_REAL_VLAN says 0 or 1. */
async function hasVlans(wire: Machine): Promise<boolean> {
  const said = process.env.CSN_REAL_VLAN;
  if (said !== undefined && said !== '') return said === '1';
  if (kernelHasVlans === undefined) {
    await wire.output('ip', 'link', 'add', 'try', 'type', 'bridge');
    const made = await wire.run(['ip', 'link', 'add', 'link', 'try', 'name', 'try.1', 'type', 'vlan', 'id', '1']);
    await wire.output('ip', 'link', 'delete', 'try');
    kernelHasVlans = made.exit === 0;
  }
  return kernelHasVlans;
}
