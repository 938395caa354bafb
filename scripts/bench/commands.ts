import { callMeasurements } from './call-measurements.js';
import { CommandScene } from './command-scene.js';
import { addLifecycle, rest } from './lifecycle.js';
import { mostForwards } from './many-forwards.js';
import type { Goal, Section } from './measurement.js';
import { type Run, Schedule } from './schedule.js';

export interface CommandResults {
  readonly section: Section;
  /** Milliseconds of the first call after a daemon's start, with very many port forwards to load. */
  readonly firstCall: number;
  /** Milliseconds of shutdown-network for the network with very many port forwards. */
  readonly lastCall: number;
}

const milliseconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e6 });

/**
 * Everything CloudStack does to a network, measured around the installed program.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function measureCommands(stateDisk: string, quick: boolean): Promise<CommandResults> {
  const lifecycles = quick ? 4 : 60;
  // What is run for the first time costs more: pages, caches, compiled code. The daemon is to be warm.
  const warmUp = quick ? 1 : 5;
  const forwards = quick ? 1_000 : mostForwards;
  const scene = await CommandScene.create({ stateDisk, forwards, lifecycles: lifecycles + warmUp });
  try {
    const schedule = new Schedule();
    for (let index = 0; index < lifecycles + warmUp; index++) addLifecycle(schedule, scene, index, index < warmUp);
    const runs = await schedule.run(scene.host, stateDisk);
    return { section: sectionOf(runs, forwards), firstCall: scene.firstCall, lastCall: await scene.shutDownMany() };
  } finally {
    await scene.destroy();
  }
}

/** What the ids of a schedule stand for. */
export function commandLabels(forwards: number): Readonly<Record<string, string>> {
  const many = forwards.toLocaleString('en');
  return {
    true: '/bin/true',
    'durable-write': 'one file written durably (C)',
    status: '--status (does nothing)',
    'add-port-forward few': 'add-port-forward, 1 present',
    'add-port-forward many': `add-port-forward, ${many} present`,
    'delete-port-forward few': 'delete-port-forward, 1 left',
    'delete-port-forward many': `delete-port-forward, ${many} left`,
    'add-static-nat': 'add-static-nat',
    'delete-static-nat': 'delete-static-nat',
    'assign-ip first': 'assign-ip, first address',
    'assign-ip further': 'assign-ip, second address',
    'release-ip': 'release-ip, one is left',
    'implement-network new': 'implement-network, bridge made',
    'implement-network known': 'implement-network, bridge there',
    'shutdown-network': 'shutdown-network',
    'destroy-network': 'destroy-network',
  };
}

const goals: Readonly<Record<string, Goal>> = {
  'add-port-forward few': milliseconds(3),
  'add-port-forward many': milliseconds(3),
  'assign-ip first': milliseconds(8),
  'assign-ip further': milliseconds(8),
  'implement-network new': milliseconds(12),
  'implement-network known': milliseconds(12),
};

function sectionOf(runs: readonly Run[], forwards: number): Section {
  const labels = commandLabels(forwards);
  const measurements = callMeasurements(runs, labels, (id) => goals[id], ['true', 'durable-write']);
  return {
    id: 'commands',
    title: 'Commands through the installed client',
    method:
      'Test host, daemon warm, state directory on disk. A resident C program takes the time from before posix_spawn of the ' +
      `client until waitpid returns; ${rest} ms of rest before each call. Floor: --status, a call that does nothing.`,
    unit: 'ms',
    measurements,
  };
}
