import type { Network } from '../../../test/system/network.js';
import { callMeasurements } from '../call-measurements.js';
import { rest } from '../lifecycle.js';
import type { Goal, Section } from '../measurement.js';
import { type Run, Schedule } from '../schedule.js';
import { GuestScene, vmOf } from './guest-scene.js';

/** VMs of a network, and in how many networks, one after the other, it is measured. */
interface RestoreSize {
  readonly count: number;
  readonly networks: number;
}

/** Leases of the network in which one comes and goes. */
const manyLeases = (quick: boolean) => (quick ? 500 : 5_000);

/** Milliseconds until the disk has what the call before has left to it. */
const settling = 2_000;

/** Networks of each size that are not measured. */
const warmUp = 1;

function restoreSizes(quick: boolean): readonly RestoreSize[] {
  const sizes = [
    { count: 10, networks: 20 },
    { count: 200, networks: 12 },
    { count: 1_000, networks: 10 },
  ];
  return quick ? sizes.map(({ count }) => ({ count, networks: 2 })) : sizes;
}

const milliseconds = (most: number): Goal => ({ kind: 'median', nanoseconds: most * 1e6 });
const goals: Readonly<Record<string, Goal>> = {
  'restore-network 1000 first': milliseconds(300),
  'add-dhcp-entry': milliseconds(8),
  'save-vm-data first': milliseconds(4),
  'save-vm-data': milliseconds(4),
};

/**
 * What guests are served, put in place through the installed program.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function measureGuests(stateDisk: string, quick: boolean): Promise<Section> {
  const sizes = restoreSizes(quick).flatMap(({ count, networks }) =>
    Array.from({ length: warmUp + networks }, (_, index) => ({ count, isMeasured: index >= warmUp })),
  );
  const scene = await GuestScene.create(stateDisk, sizes.length + 1);
  try {
    const schedule = new Schedule();
    const [single, ...networks] = scene.networks;
    if (single === undefined) throw new Error('the host has too few networks');
    addSingle(schedule, scene, single, quick);
    for (const [index, network] of networks.entries()) {
      const size = sizes[index];
      if (size !== undefined) addRestores(schedule, scene, network, size.count, size.isMeasured);
    }
    await scene.flush();
    return sectionOf(await schedule.run(scene.host, stateDisk), quick);
  } finally {
    await scene.destroy();
  }
}

/**
 * A network that is restored from nothing, then again, then with another user data for one VM. It stays: within a minute after many files
 * were removed ext4 makes each new one a hundred times more slowly (it looks through all recently freed inodes, fs/ext4/ialloc.c).
 */
function addRestores(
  schedule: Schedule,
  scene: GuestScene,
  network: Network,
  count: number,
  isMeasured: boolean,
): void {
  const id = `restore-network ${count}`;
  const call = (changed: number | undefined) =>
    scene.restore(
      network,
      `${id} of ${network.id}, ${changed} is another`,
      Array.from({ length: count }, (_, number) => vmOf(network, number, number === changed ? 'x' : '')),
    );
  const name = (what: string) => (isMeasured ? `${id} ${what}` : undefined);
  const all = call(undefined);
  schedule.add(undefined, scene.implement(network), settling);
  schedule.add(name('first'), all, settling);
  schedule.add(name('repeated'), all, settling);
  schedule.add(name('one changed'), call(5), rest);
}

/** One VM comes and goes in a network that has very many, or only few who are told something. */
function addSingle(schedule: Schedule, scene: GuestScene, network: Network, quick: boolean): void {
  const leases = manyLeases(quick);
  const vms = Array.from({ length: leases }, (_, number) => ({ ...vmOf(network, number), data: [] }));
  schedule.add(undefined, scene.implement(network), settling);
  schedule.add(undefined, scene.restore(network, 'many leases', vms), settling);
  const vm = vmOf(network, leases);
  const data = ['', 'x'].map((state) => scene.saveVmData(network, `data${state}`, vmOf(network, leases, state)));
  const another = Array.from({ length: 80 }, (_, round) =>
    scene.saveVmData(network, `data of ${round}`, vmOf(network, leases + 1 + round)),
  );
  for (let round = 0; round < (quick ? 10 : 60) + 10; round++) {
    const name = (id: string) => (round < 10 ? undefined : id);
    schedule.add(name('status'), [scene.host.wrapper, '--status'], rest);
    // dnsmasq reads its files again after each.
    schedule.add(name('add-dhcp-entry'), scene.addDhcpEntry(network, vm), 100);
    schedule.add(name('remove-dhcp-entry'), scene.removeDhcpEntry(network, vm), 100);
    schedule.add(name('save-vm-data first'), another[round] ?? [], 100);
    schedule.add(name('save-vm-data'), data[round % 2] ?? [], 100);
  }
}

function labelsOf(quick: boolean): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { status: '--status (does nothing)' };
  for (const { count } of restoreSizes(quick)) {
    const what = `restore-network, ${count.toLocaleString('en')} VMs`;
    labels[`restore-network ${count} first`] = `${what}, from nothing`;
    labels[`restore-network ${count} repeated`] = `${what}, nothing new`;
    labels[`restore-network ${count} one changed`] = `${what}, one is another`;
  }
  const leases = manyLeases(quick).toLocaleString('en');
  labels['add-dhcp-entry'] = `add-dhcp-entry, ${leases} present`;
  labels['remove-dhcp-entry'] = `remove-dhcp-entry, ${leases} left`;
  labels['save-vm-data first'] = 'save-vm-data, new VM';
  labels['save-vm-data'] = "save-vm-data, another VM's address";
  return labels;
}

function sectionOf(runs: readonly Run[], quick: boolean): Section {
  const measurements = callMeasurements(runs, labelsOf(quick), (id) => goals[id]);
  return {
    id: 'guests',
    title: 'Guest services through the installed client',
    method:
      'As the commands: test host, daemon warm, state directory on disk. Each VM has 14 values with 2 kB of user data; DHCP, DNS and ' +
      'metadata are served when the call returns.',
    unit: 'ms',
    measurements,
  };
}
