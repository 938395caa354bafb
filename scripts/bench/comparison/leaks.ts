import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { churnPhases, churnVlans } from './churn.js';
import type { Figure } from './figure.js';
import { memoryOf } from './memory.js';
import { Side } from './side.js';

const program = '/usr/lib/cloudstack-netns/cloudstack-netns.js';

/** What many networks that came and went have left behind. The first two rounds do not count: links of VLANs stay, and programs warm up. */
export async function measureLeaks(disk: string, quick: boolean): Promise<Figure[]> {
  const { networks, rounds } = quick ? { networks: 10, rounds: 4 } : { networks: 200, rounds: 20 };
  const side = await Side.create({ disk, ...churnVlans(networks) });
  try {
    const play = async () => {
      for (const [index, phase] of churnPhases(side, networks).entries()) {
        const list = join(side.directory, `phase-${index}`);
        writeFileSync(list, phase.map(([, ...argv]) => `${JSON.stringify(argv)}\n`).join(''));
        const { exit, stdout } = await side.host.self.run([program, 'batch', list], { deadline: 300_000 });
        if (exit !== 0) throw new Error(`batch: ${stdout.split('\n').find((line) => line.includes('failed'))}`);
      }
    };
    for (let round = 0; round < 2; round++) await play();
    const before = await countAll(side);
    for (let round = 2; round < rounds; round++) await play();
    const after = await countAll(side);
    const left = (Object.keys(before) as (keyof Counts)[]).filter((kind) => kind !== 'kibibytes');
    return [
      {
        id: 'leaks',
        label: `${left.join(', ')} left over by ${rounds} rounds of ${networks} networks`,
        unit: '',
        ours: left.reduce((sum, kind) => sum + Math.max(0, after[kind] - before[kind]), 0),
        better: 'less',
        most: 0,
      },
      {
        id: 'leaked-memory',
        label: `memory the daemon has more after ${rounds} rounds of ${networks} networks than after two`,
        unit: 'MiB',
        ours: (after.kibibytes - before.kibibytes) / 1024,
        better: 'less',
        most: 8,
      },
    ];
  } finally {
    await side.destroy();
  }
}

interface Counts {
  readonly namespaces: number;
  readonly links: number;
  readonly files: number;
  readonly descriptors: number;
  readonly kibibytes: number;
}

async function countAll(side: Side): Promise<Counts> {
  const { self } = side.host;
  // At rest: what was removed out of sight is deleted, and memory is given back.
  const kibibytes = (await memoryOf(side)) / 1024;
  const count = async (command: string) => Number(await self.output('sh', '-c', command));
  const status = await self.output(side.host.wrapper, '--status');
  const { pid } = JSON.parse(status) as { pid: number };
  return {
    namespaces: await count('ls /run/netns | wc -l'),
    links: await count('ip -o link | wc -l'),
    files: await count(`find '${side.host.stateDirectory}' | wc -l`),
    descriptors: await count(`ls /proc/${pid}/fd | wc -l`),
    kibibytes,
  };
}
