import { rest } from '../lifecycle.js';
import type { Section } from '../measurement.js';
import { Schedule } from '../schedule.js';
import { firewallCall } from '../sent-lists.js';
import { homePublicIp, homeVlan, plainRules, publicVlan } from './compared-commands.js';
import { pair, pairId } from './pair.js';
import { Samples } from './samples.js';
import { inTurns, type Side, withSides } from './side.js';

interface Size {
  readonly count: number;
  readonly rounds: number;
  /** The shell's: a call of iptables for each rule. */
  readonly shellRounds: number;
  /** How many times faster than the shell. */
  readonly times?: number;
}

export function ruleSizes(quick: boolean): readonly Size[] {
  if (quick) {
    return [
      { count: 10, rounds: 4, shellRounds: 2, times: 30 },
      { count: 100, rounds: 4, shellRounds: 2, times: 30 },
      { count: 1_000, rounds: 4, shellRounds: 1, times: 200 },
    ];
  }
  return [
    { count: 10, rounds: 20, shellRounds: 8, times: 30 },
    { count: 100, rounds: 20, shellRounds: 8, times: 30 },
    { count: 1_000, rounds: 20, shellRounds: 3, times: 200 },
    { count: 10_000, rounds: 10, shellRounds: 1, times: 200 },
    { count: 50_000, rounds: 4, shellRounds: 0 },
  ];
}

/** apply-fw-rules with lists of different length, each in the place of one that has next to nothing in common with it. */
export async function measureRuleLists(disk: string, wrapper: string, quick: boolean): Promise<Section> {
  const sizes = ruleSizes(quick);
  const guestVlans = sizes.map((_, index) => homeVlan + index);
  const samples = new Samples();
  await withSides({ disk, guestVlans, publicVlans: [publicVlan] }, wrapper, async ({ ours, shell }) => {
    const calls = new Map<Side, readonly (readonly string[][])[]>();
    for (const side of [ours, shell]) calls.set(side, await prepare(side, sizes));
    const rounds = Math.max(...sizes.map((size) => size.rounds));
    await inTurns(rounds + 2, [ours, shell], async (side, round) => {
      const schedule = new Schedule();
      for (const [index, { count, ...size }] of sizes.entries()) {
        // What is run for the first times costs us more. The shell begins anew each time.
        const warmUp = side === ours ? 2 : 0;
        if (round >= (side === ours ? warmUp + size.rounds : size.shellRounds)) continue;
        const call = calls.get(side)?.[index]?.[round % 2] ?? [];
        schedule.add(round < warmUp ? undefined : `apply-fw-rules ${count}`, call, Math.max(rest, count / 100));
      }
      samples.add(await side.run(schedule), (id) => pairId(id, side.name));
    });
  });
  return {
    id: 'comparison-rules',
    title: 'apply-fw-rules by the length of the list',
    method:
      'A network for each length, on each of two hosts. The rules have one network each: the shell calls iptables for each one of them. ' +
      'Each list replaces another one.',
    unit: 'ms',
    axis: 'rules',
    measurements: sizes.flatMap(({ count, times }) =>
      pair(samples, `apply-fw-rules ${count}`, `${count.toLocaleString('en')} rules`, times),
    ),
  };
}

/** Networks, and two lists for each. */
async function prepare(side: Side, sizes: readonly Size[]): Promise<string[][][]> {
  const all: string[][][] = [];
  for (const [index, { count }] of sizes.entries()) {
    const network = side.network({ id: 700 + index, vlan: homeVlan + index, prefix: `10.1.${index}` });
    const publicIp = homePublicIp.replace(/\d+$/, String(10 + index));
    await side.perform('implement-network', network.implementOptions());
    await side.perform('assign-ip', network.addressOptions(publicIp, { sourceNat: true }));
    all.push(
      [1, 2].map((seed) => firewallCall(side, network, `rules-${count}-${seed}`, plainRules(count, publicIp, seed))),
    );
  }
  side.settle();
  return all;
}
