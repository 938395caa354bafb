import { rest } from '../lifecycle.js';
import type { Measurement, Section } from '../measurement.js';
import { Schedule } from '../schedule.js';
import {
  comparedCommands,
  homeOf,
  homeRules,
  homeVlan,
  makeHome,
  publicVlan,
  roundOfCommands,
} from './compared-commands.js';
import type { Figure } from './figure.js';
import { memoryOf } from './memory.js';
import { pair, pairId } from './pair.js';
import { processorTime } from './processor-time.js';
import { Samples } from './samples.js';
import { inTurns, Side } from './side.js';

const crowdVlan = 2000;
/** Bridges have 1,024 ports at most. */
const networksPerPublicVlan = 100;

export interface CrowdResults {
  readonly sections: readonly Section[];
  readonly figures: readonly Figure[];
}

interface Sizes {
  /** Networks present on both sides, and on ours alone. */
  readonly some: number;
  readonly many: number;
  readonly rounds: number;
  /** Rounds of ours alone before all others: a daemon runs for months. */
  readonly warmUp: number;
}

/** Each command's latency with one network present, with some, and with very many. */
export async function measureCrowd(disk: string, wrapper: string, quick: boolean): Promise<CrowdResults> {
  const sizes = quick
    ? { some: 10, many: 100, rounds: 3, warmUp: 1 }
    : { some: 100, many: 1_000, rounds: 12, warmUp: 80 };
  const vlans = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
  const options = {
    disk,
    guestVlans: [...vlans(homeVlan, 1 + 3 * (sizes.rounds + 1) + sizes.warmUp + 1), ...vlans(crowdVlan, sizes.many)],
    publicVlans: vlans(publicVlan, 1 + Math.ceil(sizes.many / networksPerPublicVlan)),
  };
  const sides: Side[] = [];
  try {
    const few = await Side.create({ ...options, guestVlans: options.guestVlans.slice(0, -sizes.many) });
    sides.push(few);
    const crowd = await Side.create(options);
    sides.push(crowd);
    const shell = await Side.create(
      { ...options, guestVlans: options.guestVlans.slice(0, sizes.some - sizes.many) },
      wrapper,
    );
    sides.push(shell);
    return await measure(few, crowd, shell, sizes);
  } finally {
    for (const side of sides.reverse()) await side.destroy();
  }
}

async function measure(
  few: Side,
  crowd: Side,
  shell: Side,
  { some, many, rounds, warmUp }: Sizes,
): Promise<CrowdResults> {
  const samples = new Samples();
  const figures: Figure[] = [];
  for (const side of [few, crowd, shell]) await makeHome(side);
  for (const side of [few, crowd]) await playRounds([side], warmUp, 3 * (rounds + 1), new Samples(), (_, id) => id);
  const used = await playRounds([few, shell], rounds, 0, samples, (side, id) => pairId(id, side.name));
  figures.push({
    id: 'processor-commands',
    label: 'processor time of 1,000 commands, all kinds',
    unit: 's',
    ours: used.get(few) ?? Number.NaN,
    shell: used.get(shell) ?? Number.NaN,
    better: 'less',
  });

  const before = await memoryOf(crowd);
  for (const side of [crowd, shell]) await fill(side, 0, some);
  const half = Math.ceil(rounds / 2);
  await playRounds([crowd, shell], half, rounds + 1, samples, (side, id) => pairId(`${id} some`, side.name));
  await fill(crowd, some, many);
  const grown = (await memoryOf(crowd)) - before;
  figures.push({
    id: 'memory-network',
    label: `memory of one of ${many.toLocaleString('en')} networks (the shell keeps no process for it)`,
    unit: 'KiB',
    ours: grown / many / 1024,
    better: 'less',
    most: 40,
  });
  const name = (side: Side, id: string) => `${id} ${side === crowd ? 'many' : 'one'}`;
  await playRounds([few, crowd], rounds, 2 * (rounds + 1), samples, name);
  return { sections: sectionsOf(samples, some, many), figures };
}

/**
 * @param first the first VLAN's place among those of networks that come and go: each has a VLAN whose bridge is not there yet
 * @returns seconds of processor time of 1,000 commands
 */
async function playRounds(
  sides: readonly Side[],
  rounds: number,
  first: number,
  samples: Samples,
  name: (side: Side, id: string) => string,
): Promise<Map<Side, number>> {
  const used = new Map<Side, { seconds: number; calls: number }>();
  const warmUp = 1;
  await inTurns(warmUp + rounds, sides, async (side, round) => {
    const place = 1 + ((first + round) % 200);
    const home = homeOf(side);
    const passing = side.network({ id: 700 + place, vlan: homeVlan + place, prefix: `10.1.${place}` });
    const schedule = new Schedule();
    const calls = roundOfCommands(side, home, passing, first + round);
    for (const [id, argv] of calls) schedule.add(round < warmUp ? undefined : id, argv, rest);
    const { runs, seconds } = await processorTime(side, () => side.run(schedule));
    samples.add(runs, (id) => name(side, id));
    if (round < warmUp) return;
    const sum = used.get(side) ?? { seconds: 0, calls: 0 };
    used.set(side, { seconds: sum.seconds + seconds, calls: sum.calls + calls.length });
  });
  return new Map([...used].map(([side, { seconds, calls }]) => [side, (1000 * seconds) / calls]));
}

/** Networks with a public address each. */
async function fill(side: Side, first: number, end: number): Promise<void> {
  const implement = new Schedule();
  const assign = new Schedule();
  for (let index = first; index < end; index++) {
    const [high, low] = [Math.floor(index / 200), index % 200];
    const network = side.network({ id: crowdVlan + index, vlan: crowdVlan + index, prefix: `10.${64 + high}.${low}` });
    implement.add(undefined, side.command('implement-network', network.implementOptions()), 0);
    const address = network.addressOptions(`198.18.${high}.${low + 1}`, {
      sourceNat: true,
      gateway: '198.18.255.254',
      cidr: '198.18.0.0/16',
      vlan: `vlan://${publicVlan + 1 + Math.floor(index / networksPerPublicVlan)}`,
    });
    assign.add(undefined, side.command('assign-ip', address), 0);
  }
  await side.run(implement, 4);
  await side.run(assign, 4);
  side.settle();
}

function sectionsOf(samples: Samples, some: number, many: number): Section[] {
  const method =
    'The same calls on two hosts, one round of all commands on each in turns. A resident C program takes the time from before ' +
    `posix_spawn of the client until it has ended; ${rest} ms of rest before each call. Our daemon has carried out a thousand commands before.`;
  const words = (command: string) => (command === 'apply-fw-rules' ? `${command}, ${homeRules} rules` : command);
  const compared = Object.entries(comparedCommands);
  return [
    {
      id: 'comparison-commands',
      title: 'Commands, one network present',
      method,
      unit: 'ms',
      measurements: compared.flatMap(([command, times]) => pair(samples, command, words(command), times)),
    },
    {
      id: 'comparison-some',
      title: `Commands, ${some.toLocaleString('en')} networks present`,
      method,
      unit: 'ms',
      measurements: compared.flatMap(([command]) => pair(samples, `${command} some`, words(command))),
    },
    {
      id: 'comparison-many',
      title: `Commands of ours, one network and ${many.toLocaleString('en')} networks present`,
      method,
      unit: 'ms',
      measurements: compared.flatMap(([command]): Measurement[] => [
        { id: `${command} one`, label: `${words(command)}, 1`, nanoseconds: samples.of(`${command} one`) },
        {
          id: `${command} many`,
          label: `${words(command)}, ${many.toLocaleString('en')}`,
          nanoseconds: samples.of(`${command} many`),
          floor: `${command} one`,
          goal: { kind: 'times-floor', factor: 1.3 },
        },
      ]),
    },
  ];
}
