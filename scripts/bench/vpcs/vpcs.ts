import type { Goal, Measurement, Section } from '../measurement.js';
import type { CommandSamples } from './command-samples.js';
import { VpcScene, type Way } from './vpc-scene.js';

const milliseconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e6 });
const bytes = (most: number): Goal => ({ kind: 'median', nanoseconds: most });

/** What each way is called, and what it must keep to beside a plain pair. */
const ways = {
  plain: { words: 'a plain veth pair' },
  vpc: {
    words: 'two subnets of a VPC',
    throughput: { kind: 'times-floor', factor: 1 / 0.9 },
    latency: { kind: 'times-floor', factor: 2 },
  },
  filtered: { words: 'two subnets, with br_netfilter' },
  peer: { words: 'subnets of two peers' },
  nat: {
    words: 'a subnet and the internet, NAT',
    throughput: { kind: 'times-floor', factor: 1 / 0.8 },
    latency: { kind: 'above-floor', nanoseconds: 200_000 },
  },
} as const satisfies Record<string, { words: string; throughput?: Goal; latency?: Goal }>;
type WayName = keyof typeof ways;

/** What vpcctl's networks cost beside a plain veth pair, in time and memory, and how long its commands take. */
export async function measureVpcs(quick: boolean): Promise<Section[]> {
  const scene = await VpcScene.create();
  try {
    const packets = await measurePackets(scene, quick);
    const commands = await scene.commands(quick ? 5 : 50, quick ? 2 : 20);
    return [packets, commandSection(commands), memorySection(commands)];
  } finally {
    await scene.destroy();
  }
}

async function measurePackets(scene: VpcScene, quick: boolean): Promise<Section> {
  const times = new Map<string, number[]>();
  const push = (id: string, time: number) => void times.set(id, [...(times.get(id) ?? []), time]);
  const order = Object.entries(scene.ways) as [WayName, Way][];
  const rounds = quick ? 2 : 20;
  for (let round = -1; round < rounds; round++) {
    for (const [name, way] of order) {
      await scene.prepare(way);
      const roundTrip = await scene.roundTrip(way, quick ? 50 : 300);
      const perMebibyte = await scene.throughput(way, quick ? 256 : 1024);
      // The first time neighbours are looked for, and subnets are told of the short way.
      if (round < 0) continue;
      push(`latency ${name}`, roundTrip);
      push(`throughput ${name}`, perMebibyte);
    }
    order.reverse();
  }
  const measurement = (what: 'latency' | 'throughput', name: WayName): Measurement => {
    const way: { words: string; throughput?: Goal; latency?: Goal } = ways[name];
    const goal = way[what];
    return {
      id: `${what} ${name}`,
      label: `${what === 'latency' ? 'round trip' : '1 MiB, one TCP stream'}: ${way.words}`,
      nanoseconds: times.get(`${what} ${name}`) ?? [],
      ...(name === 'plain' ? {} : { floor: `${what} plain` }),
      ...(goal === undefined ? {} : { goal }),
    };
  };
  const names = Object.keys(ways) as WayName[];
  return {
    id: 'vpcctl-packets',
    title: 'What packets pay in a VPC',
    method:
      'ping (median of 300) and iperf3 (one stream, 1 GiB), in turns with a plain veth pair between two namespaces. Round trips and ' +
      'the time of one MiB: 0.9 of the throughput is 1.11 times the time. Without br_netfilter (net.bridge.bridge-nf-call-iptables = 0) ' +
      'where nothing else is said; with it frames from subnet to subnet do not take the short cut past the bridge.',
    unit: 'µs',
    measurements: [
      ...names.map((name) => measurement('latency', name)),
      ...names.map((name) => measurement('throughput', name)),
    ],
  };
}

function commandSection(samples: CommandSamples): Section {
  return {
    id: 'vpcctl-commands',
    title: 'Commands of vpcctl, inside the process',
    method: 'From the call of the command to its end: lock, metadata, netlink. 30 ms of rest before each.',
    unit: 'ms',
    measurements: [
      { id: 'create-vpc', label: 'create-vpc', nanoseconds: samples.createVpc, goal: milliseconds(15) },
      { id: 'add-subnet', label: 'add-subnet', nanoseconds: samples.addSubnet, goal: milliseconds(15) },
      {
        id: 'add-subnet late',
        label: `add-subnet, ${(50 * samples.subnetBytes.length).toLocaleString('en')} subnets present`,
        nanoseconds: samples.addSubnetLate,
      },
      { id: 'setup-nat', label: 'setup-nat', nanoseconds: samples.setupNat, goal: milliseconds(15) },
      { id: 'apply 50', label: 'apply, 50 subnets', nanoseconds: samples.applyFifty, goal: milliseconds(300) },
      { id: 'apply again', label: 'apply again, nothing to change', nanoseconds: samples.applyAgain },
      { id: 'delete 50', label: 'delete-vpc, 50 subnets', nanoseconds: samples.deleteFifty },
    ],
  };
}

function memorySection(samples: CommandSamples): Section {
  const subnets = samples.subnetBytes.length * 50;
  return {
    id: 'vpcctl-memory',
    title: `Kernel memory of ${subnets.toLocaleString('en')} subnets in ${samples.subnetBytes.length} VPCs`,
    method:
      'Slab, KernelStack, PageTables, Percpu and VmallocUsed of /proc/meminfo, before and after each VPC with 50 subnets, and each ten VPCs without.',
    unit: 'KiB',
    measurements: [
      { id: 'subnet', label: 'a subnet', nanoseconds: samples.subnetBytes, goal: bytes(500_000) },
      { id: 'vpc', label: 'a VPC without subnets', nanoseconds: samples.vpcBytes, goal: bytes(2_000_000) },
    ],
  };
}
