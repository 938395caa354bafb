import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryOf } from '../comparison/memory.js';
import { endDaemon } from '../daemon.js';
import type { Goal, Measurement, Section } from '../measurement.js';
import { durations, Schedule } from '../schedule.js';
import { ManyNetworks } from './many-networks.js';

const node = '/usr/lib/cloudstack-netns/node';

/** Milliseconds before each start: what the daemon before has closed is gone. */
const pause = 200;

const startGoal: Goal = { kind: 'median', nanoseconds: 150e6 };
/** Bytes. */
const memoryGoal: Goal = { kind: 'median', nanoseconds: 40_000 };

interface Sizes {
  /** Networks whose guests are told something. */
  readonly some: number;
  readonly most: number;
  readonly rounds: number;
}

/**
 * With very many networks: how long a call takes that finds no daemon, and what each network takes of the daemon's memory.
 *
 * @param disk becomes the hosts' /var/lib/cloudstack
 */
export async function measureStart(disk: string, quick: boolean): Promise<Section[]> {
  const sizes = quick ? { some: 20, most: 40, rounds: 2 } : { some: 1_000, most: 5_000, rounds: 20 };
  const nodes: number[] = [];
  const starts: Measurement[] = [];
  await withNetworks(disk, sizes.some, async (many) => {
    for (const count of [1, sizes.some]) {
      const first = count === 1 ? 0 : 1;
      await many.fill(first, count);
      await many.tellGuests(first, count);
      starts.push(await measureStarts(many, count, sizes, nodes));
    }
  });
  const memory: Measurement[] = [];
  await withNetworks(disk, sizes.most, async (many) => {
    await many.fill(0, 1);
    const before = await memoryOf(many.side);
    let present = 1;
    for (const count of [sizes.some, sizes.most]) {
      await many.fill(present, count);
      present = count;
      await callSome(many, count);
      const each = ((await memoryOf(many.side)) - before) / (count - 1);
      const label = `daemon, each of ${count.toLocaleString('en')} networks`;
      memory.push({ id: `memory ${count}`, label, nanoseconds: [each], goal: memoryGoal });
    }
    starts.push(await measureStarts(many, sizes.most, sizes, nodes));
  });
  return [
    {
      id: 'start',
      title: 'The first call, which starts the daemon',
      method:
        'The daemon before was ended in an orderly way: there is no socket. All networks have their namespaces and a public address, up to ' +
        `${sizes.some.toLocaleString('en')} of them also a guest that is told a password. A resident C program takes the time from before posix_spawn of the ` +
        'client until waitpid returns.',
      unit: 'ms',
      measurements: [{ id: 'node', label: 'node, an empty program', nanoseconds: nodes }, ...starts],
    },
    {
      id: 'start-memory',
      title: 'What a network takes of memory',
      method: 'PSS, five seconds after the last of the networks was made, less what it was with a single one.',
      unit: 'KiB',
      measurements: memory,
    },
  ];
}

async function withNetworks(disk: string, most: number, work: (many: ManyNetworks) => Promise<void>): Promise<void> {
  const many = await ManyNetworks.create(disk, most);
  try {
    await work(many);
  } finally {
    await many.destroy();
  }
}

async function measureStarts(
  many: ManyNetworks,
  count: number,
  { rounds }: Sizes,
  nodes: number[],
): Promise<Measurement> {
  const empty = join(many.side.directory, 'empty.cjs');
  writeFileSync(empty, '');
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { add, remove } = many.forwardCalls((round * 37) % count);
    await endDaemon(many.side.host);
    const schedule = new Schedule();
    schedule.add('node', [node, empty], pause);
    schedule.add('start', add, pause);
    // When all networks are served again.
    schedule.add(undefined, remove, count);
    const runs = await many.side.run(schedule);
    starts.push(...durations(runs, 'start'));
    nodes.push(...durations(runs, 'node'));
  }
  const label = `add-port-forward, ${count.toLocaleString('en')} ${count === 1 ? 'network' : 'networks'}`;
  return { id: `start ${count}`, label, nanoseconds: starts, floor: 'node', goal: startGoal };
}

/** Calls about networks of all ages: each must succeed. */
async function callSome(many: ManyNetworks, count: number): Promise<void> {
  const schedule = new Schedule();
  for (let index = 0; index < count; index += Math.ceil(count / 100)) {
    const { add, remove } = many.forwardCalls(index);
    schedule.add(undefined, add, 0);
    schedule.add(undefined, remove, 0);
  }
  await many.side.run(schedule);
}
