import { callMeasurements } from '../call-measurements.js';
import type { Figure } from '../comparison/figure.js';
import { rest } from '../lifecycle.js';
import type { Goal, Section } from '../measurement.js';
import { durations, type Run, Schedule } from '../schedule.js';
import { measureKernelShare } from './kernel-share.js';
import { addCalls, idOf, prepareCalls, type RuleCalls, type RuleSize } from './rule-calls.js';
import { RuleScene } from './rule-scene.js';

export interface RuleResults {
  readonly section: Section;
  /** Milliseconds of the first call after a daemon's start, by what it is. */
  readonly firstCalls: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
}

const firewall = (count: number, rounds: number, warmUp: number): RuleSize => ({
  kind: 'firewall',
  count,
  rounds,
  warmUp,
});
const acl = (count: number, rounds: number, warmUp: number): RuleSize => ({ kind: 'acl', count, rounds, warmUp });

export function ruleSizes(quick: boolean): readonly RuleSize[] {
  if (quick) return [firewall(10, 3, 1), firewall(100, 3, 1), firewall(1_000, 3, 1), acl(20, 3, 1)];
  return [
    acl(20, 60, 20),
    acl(500, 60, 20),
    firewall(10, 60, 20),
    firewall(100, 60, 20),
    firewall(1_000, 60, 20),
    firewall(10_000, 30, 10),
    firewall(50_000, 6, 2),
  ];
}

const milliseconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e6 });
const goals: Readonly<Record<string, Goal>> = {
  [idOf({ kind: 'firewall', count: 100 })]: milliseconds(6),
  [idOf({ kind: 'firewall', count: 1_000 })]: milliseconds(12),
  [idOf({ kind: 'firewall', count: 10_000 })]: milliseconds(80),
};

/**
 * The complete rules of a network put in the place of those before, measured around the installed program.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function measureRules(stateDisk: string, quick: boolean): Promise<RuleResults> {
  const sizes = ruleSizes(quick);
  const scene = await makeScene(stateDisk, sizes);
  try {
    const calls = prepareCalls(scene, stateDisk, sizes);
    const schedule = new Schedule();
    for (const one of calls) addCalls(schedule, one, rest);
    for (let turn = 0; turn < (quick ? 3 : 60); turn++) {
      schedule.add('status', [scene.host.wrapper, '--status'], rest);
    }
    const runs = await schedule.run(scene.host, stateDisk);
    const figures = await measureKernelShare(scene, calls);
    return { section: sectionOf(runs, sizes), firstCalls: await firstCalls(scene, stateDisk, calls), figures };
  } finally {
    await scene.destroy();
  }
}

export async function makeScene(stateDisk: string, sizes: readonly RuleSize[], node?: string): Promise<RuleScene> {
  const count = (kind: RuleSize['kind']) => sizes.filter((size) => size.kind === kind).length;
  return RuleScene.create({
    stateDisk,
    networks: count('firewall'),
    tiers: count('acl'),
    ...(node === undefined ? {} : { node }),
  });
}

/** What the ids of a schedule stand for. */
export function ruleLabels(sizes: readonly RuleSize[]): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { status: '--status (does nothing)' };
  for (const { kind, count } of sizes) {
    const id = idOf({ kind, count });
    const what = `${kind === 'acl' ? 'apply-network-acl' : 'apply-fw-rules'}, ${count.toLocaleString('en')} rules`;
    labels[`${id} changed`] = `${what}, one changed`;
    labels[`${id} different`] = `${what}, all others`;
  }
  return labels;
}

/** Each with a daemon that was just started: it reads the network's state, and runs what it has for the first time. */
async function firstCalls(
  scene: RuleScene,
  stateDisk: string,
  calls: readonly RuleCalls[],
): Promise<Record<string, number>> {
  const labels = ruleLabels(calls.map(({ size }) => size));
  const times: Record<string, number> = {};
  for (const { id, size, lists } of calls) {
    // Its list with one rule changed is in place.
    const call = lists[(size.warmUp + size.rounds - 1) % lists.length]?.whole ?? [];
    await scene.stopDaemon();
    const schedule = new Schedule();
    schedule.add(undefined, [scene.host.wrapper, '--status'], rest);
    schedule.add('first', call, rest);
    const [time = Number.NaN] = durations(await schedule.run(scene.host, stateDisk), 'first');
    times[`${labels[`${id} changed`]}, first call after a daemon's start`] = time / 1e6;
  }
  return times;
}

function sectionOf(runs: readonly Run[], sizes: readonly RuleSize[]): Section {
  const goalOf = (id: string) => goals[id.replace(/ (changed|different)$/, '')];
  const measurements = callMeasurements(runs, ruleLabels(sizes), goalOf);
  return {
    id: 'rules',
    title: 'Lists of rules through the installed client',
    method:
      'As the commands: test host, daemon warm, state directory on disk. Each call brings the complete list along in a file, and each ' +
      'size has a network of its own. The list before had one rule that was different, or next to none in common.',
    unit: 'ms',
    measurements,
  };
}
