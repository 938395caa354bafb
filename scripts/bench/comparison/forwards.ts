import { join } from 'node:path';
import type { Network } from '../../../test/system/network.js';
import { endDaemon } from '../daemon.js';
import { rest } from '../lifecycle.js';
import { forwardedPorts, mostForwards, writeForwards } from '../many-forwards.js';
import type { Section } from '../measurement.js';
import { Schedule } from '../schedule.js';
import { loadShellForwards } from '../shell-forwards.js';
import { homeVlan, publicVlan } from './compared-commands.js';
import { pair, pairId } from './pair.js';
import { Samples } from './samples.js';
import { inTurns, type Side, withSides } from './side.js';

/** How many forwards a network has, and how often one is added and deleted. */
interface Size {
  readonly count: number;
  readonly rounds: number;
  /** The shell's; it takes a second and more where there are many. */
  readonly shellRounds: number;
}

export function forwardSizes(quick: boolean): readonly Size[] {
  if (quick) {
    return [
      { count: 0, rounds: 5, shellRounds: 3 },
      { count: 1_000, rounds: 5, shellRounds: 2 },
    ];
  }
  return [
    { count: 0, rounds: 20, shellRounds: 10 },
    { count: 1_000, rounds: 20, shellRounds: 8 },
    { count: 10_000, rounds: 20, shellRounds: 4 },
    { count: mostForwards, rounds: 20, shellRounds: 0 },
  ];
}

/** add-port-forward where there are few and many already; each number in a network of its own. */
export async function measureForwards(disk: string, wrapper: string, quick: boolean): Promise<Section> {
  const sizes = forwardSizes(quick);
  const guestVlans = sizes.map((_, index) => homeVlan + index);
  const samples = new Samples();
  await withSides({ disk, guestVlans, publicVlans: [publicVlan] }, wrapper, async ({ ours, shell }) => {
    for (const side of [ours, shell]) await fill(side, sizes);
    const rounds = Math.max(...sizes.map((size) => size.rounds));
    // The first one reads what is there.
    await inTurns(1 + rounds, [ours, shell], async (side, round) => {
      const schedule = new Schedule();
      for (const [index, size] of sizes.entries()) {
        if (round > (side === ours ? size.rounds : size.shellRounds)) continue;
        if (side === shell && size.shellRounds === 0) continue;
        const options = networkAt(side, index).forwardOptions({
          ...destination(index),
          publicPort: 60_000 + round,
          privatePort: 22,
        });
        const measured = (id: string) => (round === 0 ? undefined : `${id} ${size.count}`);
        schedule.add(measured('add-port-forward'), side.command('add-port-forward', options), rest);
        schedule.add(measured('delete-port-forward'), side.command('delete-port-forward', options), rest);
      }
      samples.add(await side.run(schedule), (id) => pairId(id, side.name));
    });
  });
  return {
    id: 'comparison-forwards',
    title: 'Port forwards where there are many already',
    method:
      'A network for each number, on each of two hosts. Those that are there were put into the state directory (ours) or were loaded by ' +
      'iptables-restore into the chains of the network (shell). One is added and deleted again, in turns.',
    unit: 'ms',
    axis: 'port forwards present (none: at 1)',
    measurements: sizes.flatMap(({ count }) =>
      ['add-port-forward', 'delete-port-forward'].flatMap((command) =>
        pair(samples, `${command} ${count}`, `${command}, ${count.toLocaleString('en')} present`, 30),
      ),
    ),
  };
}

function networkAt(side: Side, index: number): Network {
  return side.network({ id: 700 + index, vlan: homeVlan + index, prefix: `10.1.${index}` });
}

function destination(index: number) {
  return { publicIp: `203.0.113.${10 + index}`, privateIp: `10.1.${index}.10` };
}

async function fill(side: Side, sizes: readonly Size[]): Promise<void> {
  for (const index of sizes.keys()) {
    const network = networkAt(side, index);
    await side.perform('implement-network', network.implementOptions());
    await side.perform('assign-ip', network.addressOptions(destination(index).publicIp, { sourceNat: true }));
  }
  if (side.name === 'ours') await endDaemon(side.host);
  for (const [index, { count, shellRounds }] of sizes.entries()) {
    const network = networkAt(side, index);
    const { publicIp, privateIp } = destination(index);
    const ports = forwardedPorts(count);
    if (side.name === 'ours') {
      const directory = join(side.directory, 'network-namespace', `network-${network.id}`);
      writeForwards(directory, publicIp, privateIp, ports);
    } else if (shellRounds > 0 && count > 0) {
      await loadShellForwards(network, `vn-${homeVlan + index}-${network.id}`, { publicIp, privateIp, ports });
    }
  }
  side.settle();
}
