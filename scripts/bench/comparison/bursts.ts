import type { Section } from '../measurement.js';
import { type Run, Schedule } from '../schedule.js';
import { median } from '../statistics.js';
import { homeOf, homePublicIp, homeVlan, makeHome, publicVlan } from './compared-commands.js';
import type { Figure } from './figure.js';
import { pair, pairId } from './pair.js';
import { processorTime } from './processor-time.js';
import { Samples } from './samples.js';
import { inTurns, type Side, withSides } from './side.js';

export const clientCounts = [1, 8, 64] as const;

export interface BurstResults {
  readonly section: Section;
  readonly figures: readonly Figure[];
}

/** Very many add-port-forward for one network, from one client after the other and from many at once. */
export async function measureBursts(disk: string, wrapper: string, quick: boolean): Promise<BurstResults> {
  const counts = quick ? { ours: 100, shell: 10, rounds: 1 } : { ours: 500, shell: 60, rounds: 5 };
  const samples = new Samples();
  const rates = new Samples();
  const seconds = new Samples();
  const options = { disk, guestVlans: [homeVlan], publicVlans: [publicVlan] };
  await withSides(options, wrapper, async ({ ours, shell }) => {
    for (const side of [ours, shell]) await makeHome(side);
    // What the daemon runs for the first time takes longer.
    for (const command of ['add-port-forward', 'delete-port-forward']) await ours.run(burst(ours, command, 50), 8);
    await inTurns(counts.rounds, [ours, shell], async (side, round) => {
      if (side === shell && round > 0) return;
      for (const clients of clientCounts) {
        const count = counts[side.name];
        const used = await processorTime(side, () => side.run(burst(side, 'add-port-forward', count), clients));
        samples.add(used.runs, () => pairId(`${clients}`, side.name));
        rates.push(pairId(`${clients}`, side.name), count / (wholeTime(used.runs) / 1e9));
        seconds.push(pairId(`${clients}`, side.name), (1000 * used.seconds) / count);
        await side.run(burst(side, 'delete-port-forward', count), clients);
      }
    });
  });
  const middle = (of: Samples, clients: number, side: Side['name']) => median(of.of(pairId(`${clients}`, side)));
  return {
    section: {
      id: 'comparison-bursts',
      title: 'Bursts of add-port-forward for one network: how long a client waits',
      method: `${counts.ours} calls of ours and ${counts.shell} of the shell, which would take minutes else; the next begins when one has ended.`,
      unit: 'ms',
      axis: 'calls at once',
      measurements: clientCounts.flatMap((clients) => pair(samples, `${clients}`, `${clients} at once`)),
    },
    figures: [
      ...clientCounts.map(
        (clients): Figure => ({
          id: `rate-${clients}`,
          label: `add-port-forward a second, ${clients} at once`,
          unit: '/s',
          ours: middle(rates, clients, 'ours'),
          shell: middle(rates, clients, 'shell'),
          better: 'more',
          ...(clients === 64 ? { least: 1_500 } : {}),
        }),
      ),
      ...[1, 64].map(
        (clients): Figure => ({
          id: `processor-forward-${clients}`,
          label: `processor time of 1,000 add-port-forward, ${clients} at once`,
          unit: 's',
          ours: middle(seconds, clients, 'ours'),
          shell: middle(seconds, clients, 'shell'),
          better: 'less',
        }),
      ),
    ],
  };
}

/** From the first start to the last end, in nanoseconds. */
export function wholeTime(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ end }) => end)) - Math.min(...runs.map(({ start }) => start));
}

function burst(side: Side, command: string, count: number): Schedule {
  const home = homeOf(side);
  const schedule = new Schedule();
  for (let index = 0; index < count; index++) {
    const forward = { publicIp: homePublicIp, publicPort: 20_000 + index, privateIp: '10.1.0.10', privatePort: 22 };
    schedule.add(command, side.command(command, home.forwardOptions(forward)), 0);
  }
  return schedule;
}
