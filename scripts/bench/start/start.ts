import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endDaemon } from '../daemon.js';
import type { Goal, Measurement, Section } from '../measurement.js';
import { durations, Schedule } from '../schedule.js';
import { ManyNetworks } from './many-networks.js';

const node = '/usr/lib/cloudstack-netns/node';

/** Milliseconds before each start: what the daemon before has closed is gone. */
const pause = 200;

const goal: Goal = { kind: 'median', nanoseconds: 150e6 };

/**
 * How long a call takes that finds no daemon, and none's socket: the client starts one, which reads the network that the call is about.
 *
 * @param disk becomes the hosts' /var/lib/cloudstack
 */
export async function measureStart(disk: string, quick: boolean): Promise<Section> {
  const counts = quick ? [1, 20] : [1, 1_000, 5_000];
  const rounds = quick ? 2 : 20;
  const measurements: Measurement[] = [];
  const many = await ManyNetworks.create(disk, Math.max(...counts));
  try {
    const empty = join(many.side.directory, 'empty.cjs');
    writeFileSync(empty, '');
    const nodes: number[] = [];
    let present = 0;
    for (const count of counts) {
      await many.fill(present, count);
      present = count;
      const starts: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const { add, remove } = many.forwardCalls((round * 37) % count);
        await endDaemon(many.side.host);
        const schedule = new Schedule();
        schedule.add('node', [node, empty], pause);
        schedule.add('start', add, pause);
        // When the networks are served again.
        schedule.add(undefined, remove, count);
        const runs = await many.side.run(schedule);
        starts.push(...durations(runs, 'start'));
        nodes.push(...durations(runs, 'node'));
      }
      const label = `add-port-forward, ${count.toLocaleString('en')} ${count === 1 ? 'network' : 'networks'}`;
      measurements.push({ id: `start ${count}`, label, nanoseconds: starts, floor: 'node', goal });
    }
    measurements.unshift({ id: 'node', label: 'node, an empty program', nanoseconds: nodes });
  } finally {
    await many.destroy();
  }
  return {
    id: 'start',
    title: 'The first call, which starts the daemon',
    method:
      'The daemon before was ended in an orderly way: there is no socket. All networks have their namespaces, a public address, and a guest with a ' +
      'password. A resident C program takes the time from before posix_spawn of the client until waitpid returns.',
    unit: 'ms',
    measurements,
  };
}
