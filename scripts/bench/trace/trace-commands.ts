import { readFile } from 'node:fs/promises';
import { CommandScene } from '../command-scene.js';
import { commandLabels } from '../commands.js';
import { addLifecycle } from '../lifecycle.js';
import { Schedule } from '../schedule.js';
import { type Split, splitRuns } from './split.js';
import { makeTracedNode } from './traced-node.js';

/** Of the network with many: where the time goes does not depend on it. */
export const tracedForwards = 1_000;

/**
 * The same commands with a daemon that takes notes: where their time goes. A run of its own, because taking notes costs time, too.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function traceCommands(stateDisk: string, quick: boolean): Promise<Split[]> {
  const lifecycles = quick ? 2 : 25;
  const warmUp = quick ? 1 : 5;
  const node = await makeTracedNode(stateDisk);
  const scene = await CommandScene.create({
    stateDisk,
    forwards: tracedForwards,
    lifecycles: lifecycles + warmUp,
    node: node.program,
  });
  try {
    const schedule = new Schedule();
    for (let index = 0; index < lifecycles + warmUp; index++) addLifecycle(schedule, scene, index, index < warmUp);
    const runs = await schedule.run(scene.host, stateDisk);
    await scene.stopDaemon();
    const splits = splitRuns(runs, await readFile(node.trace, 'utf8'));
    const order = Object.keys(commandLabels(tracedForwards));
    return splits.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  } finally {
    await scene.destroy();
  }
}
