import { readFile } from 'node:fs/promises';
import { rest } from '../lifecycle.js';
import { addCalls, prepareCalls } from '../rules/rule-calls.js';
import { makeScene, ruleLabels, ruleSizes } from '../rules/rules.js';
import { Schedule } from '../schedule.js';
import { type Split, splitRuns } from './split.js';
import { makeTracedNode } from './traced-node.js';

/** Longer lists take as long in each part as these say, times their length. */
const longestTraced = 10_000;

export function tracedRuleSizes(quick: boolean) {
  return ruleSizes(quick)
    .filter(({ count }) => count <= longestTraced)
    .map((size) => ({ ...size, rounds: Math.ceil(size.rounds / 4) }));
}

/** The calls of measureRules with a daemon that takes notes. */
export async function traceRules(stateDisk: string, quick: boolean): Promise<Split[]> {
  const sizes = tracedRuleSizes(quick);
  const node = await makeTracedNode(stateDisk);
  const scene = await makeScene(stateDisk, sizes, node.program);
  try {
    const schedule = new Schedule();
    for (const calls of prepareCalls(scene, stateDisk, sizes)) addCalls(schedule, calls, rest);
    const runs = await schedule.run(scene.host, stateDisk);
    await scene.stopDaemon();
    const order = Object.keys(ruleLabels(sizes));
    const splits = splitRuns(runs, await readFile(node.trace, 'utf8'));
    return splits.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  } finally {
    await scene.destroy();
  }
}
