import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { furtherPublicIp, homePublicIp, homeVlan, makeHome, publicVlan } from '../comparison/compared-commands.js';
import type { Figure } from '../comparison/figure.js';
import { daemonSeconds } from '../comparison/processor-time.js';
import { Side } from '../comparison/side.js';
import { median } from '../statistics.js';
import { forwardLines, mixedLines } from './batch-lists.js';

const program = '/usr/lib/cloudstack-netns/cloudstack-netns.js';

interface Batch {
  readonly id: string;
  readonly label: string;
  readonly lines: string;
  readonly count: number;
  /** Commands a second. */
  readonly least?: number;
}

/** Commands by `batch` for one network with a warm daemon: how many a second, and what each takes of the daemon. */
export async function measureBatch(disk: string, quick: boolean): Promise<Figure[]> {
  const { count, rounds } = quick ? { count: 2_000, rounds: 1 } : { count: 50_000, rounds: 5 };
  const side = await Side.create({ disk, guestVlans: [homeVlan], publicVlans: [publicVlan] });
  try {
    const home = await makeHome(side);
    const forwards = (command: string): Batch => ({
      id: `batch-${command}`,
      label: `${count.toLocaleString('en')} ${command}`,
      lines: forwardLines(command, home, homePublicIp, count),
      count,
      least: 50_000,
    });
    const batches: Batch[] = [
      forwards('add-port-forward'),
      forwards('delete-port-forward'),
      {
        id: 'batch-mixed',
        label: 'of all kinds',
        lines: mixedLines(home, homePublicIp, furtherPublicIp, count),
        count,
      },
    ];
    const measured = new Map(batches.map((batch) => [batch, { rates: [] as number[], seconds: [] as number[] }]));
    for (const { id, lines } of batches) writeFileSync(join(side.directory, id), lines);
    for (let round = -1; round < rounds; round++) {
      for (const [batch, { rates, seconds }] of measured) {
        side.settle();
        const before = await daemonSeconds(side);
        const rate = await run(side, batch);
        // The first round does not count: what runs for the first time takes longer.
        if (round < 0) continue;
        rates.push(rate);
        seconds.push((await daemonSeconds(side)) - before);
      }
    }
    return [...measured].flatMap(([batch, { rates, seconds }]) => figuresOf(batch, median(rates), median(seconds)));
  } finally {
    await side.destroy();
  }
}

function figuresOf({ id, label, count, least }: Batch, rate: number, seconds: number): Figure[] {
  return [
    {
      id,
      label: `by batch, a second: ${label}`,
      unit: '/s',
      ours: rate,
      better: 'more',
      ...(least === undefined ? {} : { least }),
    },
    {
      id: `${id}-daemon`,
      label: `processor time of the daemon, each: ${label}`,
      unit: 'µs',
      ours: (1e6 * seconds) / count,
      better: 'less',
    },
  ];
}

/** Commands a second, as the program says: from when it reads the first line until it has the last result. Its own start is not among it. */
async function run(side: Side, { id, count }: Batch): Promise<number> {
  const argv = ['sh', '-c', '"$@" > /dev/null', 'sh', program, 'batch', join(side.directory, id)];
  const { exit, stderr } = await side.host.self.run(argv, { deadline: 300_000 });
  const summary = /^([0-9,]+) commands in ([0-9.]+) s .*: ([0-9,]+) done, 0 failed/m.exec(stderr);
  const seconds = Number(summary?.[2]);
  if (exit !== 0 || summary?.[1] !== count.toLocaleString('en') || !(seconds > 0)) {
    throw new Error(`${id}: ${stderr.slice(0, 2000)}`);
  }
  return count / seconds;
}
