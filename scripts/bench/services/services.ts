import { setTimeout as sleep } from 'node:timers/promises';
import type { Goal, Measurement, Section } from '../measurement.js';
import { type Footprint, footprintOf, type MemoryRow, type MemorySection } from './memory.js';
import { ServiceScene } from './service-scene.js';
import { measureShellWay } from './shell-way.js';

export interface ServiceResults {
  readonly section: Section;
  readonly memory: MemorySection;
}

const seconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e9 });

/** The daemon with all networks, in KiB. */
const memoryGoal = 300 * 1024;

/**
 * What the services of very many networks take of memory, and how soon they are back.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function measureServices(stateDisk: string, quick: boolean): Promise<ServiceResults> {
  const networks = quick ? 20 : 500;
  const sample = quick ? 4 : 20;
  const shell = await measureShellWay(sample, networks);
  const scene = await ServiceScene.create(stateDisk, networks);
  try {
    const empty = await footprintOf(scene.host, [await scene.daemonPid()]);
    await scene.fill();
    await scene.check();
    const daemon = await footprintsOfDaemon(scene);
    const dnsmasq = await footprintOf(scene.host, await scene.dnsmasqPids());
    const daemonKilled: number[] = [];
    for (let turn = 0; turn < (quick ? 2 : 5); turn++) daemonKilled.push(await scene.kill([await scene.daemonPid()]));
    const allKilled: number[] = [];
    for (let turn = 0; turn < (quick ? 1 : 3); turn++)
      allKilled.push(await scene.kill([await scene.daemonPid(), ...(await scene.dnsmasqPids())]));
    await scene.check();
    return {
      section: recovery(networks, { daemonKilled, allKilled }),
      memory: memorySection(networks, sample, [...ourRows({ networks, empty, daemon, dnsmasq }), ...shell]),
    };
  } finally {
    await scene.destroy();
  }
}

/** Some, for what the collector of garbage has not come to yet. */
async function footprintsOfDaemon(scene: ServiceScene): Promise<Footprint[]> {
  const footprints: Footprint[] = [];
  for (let turn = 0; turn < 5; turn++) {
    footprints.push(await footprintOf(scene.host, [await scene.daemonPid()]));
    await sleep(200);
  }
  return footprints;
}

interface OurFootprints {
  readonly networks: number;
  readonly empty: Footprint;
  readonly daemon: readonly Footprint[];
  readonly dnsmasq: Footprint;
}

function ourRows({ networks, empty, daemon, dnsmasq }: OurFootprints): MemoryRow[] {
  return [
    {
      id: 'daemon empty',
      label: 'our daemon, without a network',
      side: 'ours',
      processes: 1,
      kibibytes: [empty.proportional],
      resident: empty.resident,
    },
    {
      id: 'daemon',
      label: `our daemon, ${networks} networks`,
      side: 'ours',
      processes: 1,
      kibibytes: daemon.map(({ proportional }) => proportional),
      resident: Math.max(...daemon.map(({ resident }) => resident)),
      goal: memoryGoal,
    },
    {
      id: 'dnsmasq',
      label: 'dnsmasq for each network (both ways)',
      side: 'ours',
      processes: dnsmasq.processes,
      kibibytes: [dnsmasq.proportional],
    },
  ];
}

function memorySection(networks: number, sample: number, rows: readonly MemoryRow[]): MemorySection {
  return {
    id: 'memory',
    title: `Memory of the services of ${networks} networks`,
    method:
      `PSS from /proc/*/smaps_rollup. Each network serves DHCP, metadata and a password. Apache and Python: measured with ${sample / 2} and ` +
      `${sample} networks, extrapolated to ${networks} by the difference.`,
    networks,
    rows,
  };
}

interface Recoveries {
  readonly daemonKilled: number[];
  readonly allKilled: number[];
}

function recovery(networks: number, { daemonKilled, allKilled }: Recoveries): Section {
  const measurements: Measurement[] = [
    { id: 'daemon killed', label: 'kill -9 of the daemon', nanoseconds: daemonKilled, goal: seconds(5) },
    {
      id: 'all killed',
      label: `kill -9 of the daemon and of ${networks} dnsmasq`,
      nanoseconds: allKilled,
      goal: seconds(5),
    },
  ];
  return {
    id: 'services',
    title: `${networks} networks, from kill -9 until all are served again`,
    method:
      'The next call starts a daemon. Until its status counts the sockets of all networks and a living dnsmasq for each. ' +
      'Guests of the first and the last network are asked for their metadata before and afterwards.',
    unit: 'ms',
    measurements,
  };
}
