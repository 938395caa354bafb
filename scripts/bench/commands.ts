import type { CommandOptions, TestHost } from '../../test/host/host.js';
import type { Network } from '../../test/system/network.js';
import { CommandScene, forwardOf, furtherPublicIp, privateIpOf, publicIpOf } from './command-scene.js';
import type { Goal, Measurement, Section } from './measurement.js';
import { mostForwards } from './many-forwards.js';
import { durations, type Run, Schedule } from './schedule.js';

/** Milliseconds before each call: the daemon has written its log and sleeps. */
const rest = 5;
/** Milliseconds after links were removed: the kernel goes on removing them for a while, and holds RTNL meanwhile. */
const cleanUp = 250;
/** Port forwards that come and go in each network, per lifecycle of a passing network. */
const forwardsPerLifecycle = 5;

const milliseconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e6 });

export interface CommandOptionsOfBench {
  readonly stateDisk: string;
  readonly quick: boolean;
}

export interface CommandResults {
  readonly section: Section;
  /** Milliseconds of the first call after a daemon's start, with very many port forwards to load. */
  readonly firstCall: number;
  readonly runs: readonly Run[];
}

/** Everything CloudStack does to a network, measured around the installed program. */
export async function measureCommands({ stateDisk, quick }: CommandOptionsOfBench): Promise<CommandResults> {
  const lifecycles = quick ? 4 : 100;
  const forwards = quick ? 1_000 : mostForwards;
  const scene = await CommandScene.create({ stateDisk, forwards, lifecycles });
  try {
    const schedule = new Schedule();
    // What is run for the first time costs more: pages, caches, compiled code. The daemon is to be warm.
    const warmUp = quick ? 1 : 5;
    for (let index = 0; index < lifecycles; index++) addLifecycle(schedule, scene, index, index < warmUp);
    const runs = await schedule.run(scene.host, stateDisk);
    return { section: sectionOf(runs, forwards), firstCall: scene.firstCall, runs };
  } finally {
    await scene.destroy();
  }
}

/** One network from its beginning to its end, twice, and port forwards of the others in between. */
export function addLifecycle(schedule: Schedule, scene: CommandScene, index: number, warmUp: boolean): void {
  const { host, few, many } = scene;
  const passing = scene.passing(index);
  const add = (id: string, argv: readonly string[], pause: number = rest) =>
    schedule.add(warmUp ? undefined : id, argv, pause);
  const call = (id: string, command: string, options: CommandOptions, pause?: number) =>
    add(id, [host.wrapper, ...host.callArguments(command, options)], pause);

  add('true', ['/bin/true']);
  add('durable-write', ['@durable-write', host.stateDirectory]);
  add('status', [host.wrapper, '--status']);
  for (let turn = 0; turn < forwardsPerLifecycle; turn++) {
    const port = 61_000 + turn;
    for (const [name, network] of [['few', few] as const, ['many', many] as const]) {
      const options = network.forwardOptions(forwardOf(network, port));
      call(`add-port-forward ${name}`, 'add-port-forward', options);
      call(`delete-port-forward ${name}`, 'delete-port-forward', options);
    }
  }
  for (const bridge of ['new', 'known']) {
    call(`implement-network ${bridge}`, 'implement-network', passing.implementOptions(), cleanUp);
    addPublicSide(call, host, passing);
    const target = { 'network-id': passing.id, vlan: optionOf(passing, 'vlan') };
    call('shutdown-network', 'shutdown-network', target);
    call('destroy-network', 'destroy-network', { ...target, vlan: '' }, cleanUp);
  }
}

function addPublicSide(
  call: (id: string, command: string, options: CommandOptions) => void,
  _host: TestHost,
  network: Network,
): void {
  call('assign-ip first', 'assign-ip', network.addressOptions(publicIpOf(network), { sourceNat: true }));
  const further = network.addressOptions(furtherPublicIp);
  call('assign-ip further', 'assign-ip', further);
  const translation = network.staticNatOptions(furtherPublicIp, privateIpOf(network));
  call('add-static-nat', 'add-static-nat', translation);
  call('delete-static-nat', 'delete-static-nat', translation);
  call('release-ip', 'release-ip', further);
}

function optionOf(network: Network, name: string): string | number {
  const value = network.implementOptions()[name];
  if (value === undefined || typeof value === 'boolean') throw new Error(`no option ${name}`);
  return value;
}

function sectionOf(runs: readonly Run[], forwards: number): Section {
  const many = forwards.toLocaleString('en');
  const measurement = (id: string, label: string, goal?: Goal): Measurement => ({
    id,
    label,
    nanoseconds: durations(runs, id),
    ...(id === 'true' || id === 'durable-write' ? {} : { floor: 'status' }),
    ...(goal === undefined ? {} : { goal }),
  });
  return {
    id: 'commands',
    title: 'Commands through the installed client',
    method:
      'Test host, daemon warm, state directory on disk. A resident C program takes the time from before posix_spawn of the ' +
      `client until waitpid returns; ${rest} ms of rest before each call. Floor: --status, a call that does nothing.`,
    unit: 'ms',
    measurements: [
      measurement('true', '/bin/true'),
      measurement('durable-write', 'one file written durably (C)'),
      measurement('status', '--status'),
      measurement('add-port-forward few', 'add-port-forward, 1 present', milliseconds(3)),
      measurement('add-port-forward many', `add-port-forward, ${many} present`, milliseconds(3)),
      measurement('delete-port-forward few', 'delete-port-forward, 1 left'),
      measurement('delete-port-forward many', `delete-port-forward, ${many} left`),
      measurement('add-static-nat', 'add-static-nat'),
      measurement('delete-static-nat', 'delete-static-nat'),
      measurement('assign-ip first', 'assign-ip, first address', milliseconds(8)),
      measurement('assign-ip further', 'assign-ip, second address', milliseconds(8)),
      measurement('release-ip', 'release-ip, another is left'),
      measurement('implement-network new', 'implement-network, bridge is made', milliseconds(12)),
      measurement('implement-network known', 'implement-network, bridge is there', milliseconds(12)),
      measurement('shutdown-network', 'shutdown-network'),
      measurement('destroy-network', 'destroy-network'),
    ],
  };
}
