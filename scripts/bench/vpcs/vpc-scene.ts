import { join } from 'node:path';
import { z } from 'zod';
import type { TestHost } from '../../../test/host/host.js';
import type { Machine } from '../../../test/host/machine.js';
import { projectRoot } from '../../../test/host/project-root.js';
import { VpcHost } from '../../../test/system/vpcctl.js';
import { median } from '../statistics.js';
import { type CommandSamples, commandSamplesSchema } from './command-samples.js';

/** A way that packets take: who sends, and to whom. */
export interface Way {
  readonly from: Machine;
  readonly to: string;
  /** Whether what passes a bridge is shown to the rules about IPv4, as Docker and Kubernetes want it (br_netfilter). */
  readonly isFiltered?: boolean;
}

const iperfReport = z.object({ end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }) });

/** The interface that NAT leads out of, and the address of the machine at its other end. */
const uplink = 'uplink';
const outside = '10.253.0.2';

const vpcs = {
  vpcs: [
    {
      name: 'one',
      cidr: '10.250.0.0/16',
      nat: uplink,
      subnets: [
        { name: 'a', cidr: '10.250.1.0/24', type: 'public' },
        { name: 'b', cidr: '10.250.2.0/24', type: 'private' },
      ],
      peers: ['two'],
    },
    { name: 'two', cidr: '10.251.0.0/16', subnets: [{ name: 'a', cidr: '10.251.1.0/24', type: 'private' }] },
  ],
};

/** A machine outside where a NIC has its cable. Behind the test host's own wire, which is a bridge with filters, packets would pay for that, too. */
async function attachOutside(host: TestHost): Promise<void> {
  await host.self.ipBatch([
    ['netns', 'add', 'outside'],
    ['link', 'add', uplink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'outside'],
    ['address', 'add', '10.253.0.1/24', 'dev', uplink],
    ['link', 'set', uplink, 'up'],
  ]);
  await host.inside('outside').ipBatch([
    ['address', 'add', `${outside}/24`, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'up'],
  ]);
}

/** A host with a plain veth pair between two namespaces, and beside it a VPC with NAT and a peer. */
export class VpcScene {
  #isFiltered = false;

  private constructor(
    readonly ways: Readonly<Record<'plain' | 'vpc' | 'filtered' | 'peer' | 'nat', Way>>,
    private readonly scene: VpcHost,
  ) {}

  static async create(): Promise<VpcScene> {
    const scene = await VpcHost.create();
    try {
      const { host } = scene;
      await attachOutside(host);
      await scene.apply(vpcs);
      await host.self.ipBatch([
        ['netns', 'add', 'plain-a'],
        ['netns', 'add', 'plain-b'],
        ['link', 'add', 'veth0', 'netns', 'plain-a', 'type', 'veth', 'peer', 'name', 'veth0', 'netns', 'plain-b'],
      ]);
      for (const [name, address] of [
        ['plain-a', '10.252.0.1/24'],
        ['plain-b', '10.252.0.2/24'],
      ] as const) {
        const machine = host.inside(name);
        await machine.ipBatch([
          ['address', 'add', address, 'dev', 'veth0'],
          ['link', 'set', 'veth0', 'up'],
        ]);
      }
      const a = scene.subnet('one', 'a');
      for (const server of [
        host.inside('plain-b'),
        scene.subnet('one', 'b'),
        scene.subnet('two', 'a'),
        host.inside('outside'),
      ]) {
        await server.run(['sh', '-c', 'exec iperf3 -s -D >/dev/null 2>&1']);
      }
      return new VpcScene(
        {
          plain: { from: host.inside('plain-a'), to: '10.252.0.2' },
          vpc: { from: a, to: '10.250.2.10' },
          filtered: { from: a, to: '10.250.2.10', isFiltered: true },
          peer: { from: a, to: '10.251.1.10' },
          nat: { from: a, to: outside },
        },
        scene,
      );
    } catch (error) {
      await scene.destroy();
      throw error;
    }
  }

  /** Makes the host as a way wants it, if this kernel has a choice; vpcctl takes the usual way past filters when it is called next. */
  async prepare({ isFiltered = false }: Way): Promise<void> {
    if (isFiltered === this.#isFiltered) return;
    this.#isFiltered = isFiltered;
    await this.scene.filterBridges(isFiltered);
    await this.scene.apply(vpcs);
  }

  /** One TCP stream. @returns nanoseconds a MiB takes */
  async throughput({ from, to }: Way, mebibytes: number): Promise<number> {
    const report = iperfReport.parse(JSON.parse(await from.output('iperf3', '-c', to, '-n', `${mebibytes}M`, '-J')));
    return (2 ** 20 * 8 * 1e9) / report.end.sum_received.bits_per_second;
  }

  /** @returns the median of some round trips, in nanoseconds */
  async roundTrip({ from, to }: Way, count: number): Promise<number> {
    const text = await from.output('ping', '-n', '-c', String(count), '-i', '0.002', to);
    return 1e6 * median([...text.matchAll(/ time=([0-9.]+) ms/g)].map(([, time]) => Number(time)));
  }

  /** The commands, in a process of their own. */
  async commands(rounds: number, vpcs: number): Promise<CommandSamples> {
    const program = join(projectRoot, 'scripts/bench/vpcs/command-main.ts');
    const argv = [
      process.execPath,
      join(projectRoot, 'test/host/run-typescript.mjs'),
      program,
      `--rounds=${rounds}`,
      `--vpcs=${vpcs}`,
    ];
    const { exit, stdout, stderr } = await this.scene.host.self.run(argv, { deadline: 600_000 });
    if (exit !== 0) throw new Error(`the commands of vpcctl: ${stderr}`);
    return commandSamplesSchema.parse(JSON.parse(stdout));
  }

  async destroy(): Promise<void> {
    await this.scene.destroy();
  }
}
