import type { Figure } from '../comparison/figure.js';
import { median } from '../statistics.js';
import type { RuleCalls } from './rule-calls.js';
import type { RuleScene } from './rule-scene.js';

/** The length that the goal is about. */
const longList = 10_000;

/** How much of the time of a long list is the kernel's, by `--trace`: lists that have next to nothing in common, in turns. */
export async function measureKernelShare(
  scene: RuleScene,
  calls: readonly RuleCalls[],
  rounds = 30,
): Promise<Figure[]> {
  const long = calls.find(({ size }) => size.kind === 'firewall' && size.count === longList);
  if (long === undefined) return [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const call = long.lists[round % long.lists.length]?.whole ?? [];
    const { stderr } = await scene.host.self.run([...call, '--trace']);
    shares.push((100 * stage(stderr, 'kernel')) / stage(stderr, 'whole'));
    // The kernel goes on freeing what was replaced.
    await new Promise((resolve) => setTimeout(resolve, longList / 100));
  }
  return [
    {
      id: 'rules-kernel-share',
      label: `time of the kernel, apply-fw-rules with ${longList.toLocaleString('en')} rules, all others`,
      unit: '%',
      ours: median(shares),
      better: 'more',
      least: 70,
    },
  ];
}

/** Microseconds. */
function stage(trace: string, name: string): number {
  const found = new RegExp(`^trace: ${name} +(\\d+) µs$`, 'm').exec(trace)?.[1];
  if (found === undefined) throw new Error(`no stage ${name} in: ${trace}`);
  return Number(found);
}
