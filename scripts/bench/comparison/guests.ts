import type { Measurement, Section } from '../measurement.js';
import { Schedule } from '../schedule.js';
import { writeData } from '../sent-lists.js';
import { homeOf, homeVlan, makeHome, publicVlan, vmData } from './compared-commands.js';
import type { Figure } from './figure.js';
import { memoryOf } from './memory.js';
import { pair, pairId } from './pair.js';
import { Samples } from './samples.js';
import { inTurns, type Side, withSides } from './side.js';

const guests = 200;

export interface GuestResults {
  readonly section: Section;
  readonly figure: Figure;
}

/** restore-network, and what a network takes whose guests are served. */
export async function measureGuests(disk: string, wrapper: string, quick: boolean): Promise<GuestResults> {
  const networks = quick ? 6 : 10;
  const rounds = quick ? 2 : 8;
  const guestVlans = Array.from({ length: networks + 1 }, (_, index) => homeVlan + index);
  return withSides({ disk, guestVlans, publicVlans: [publicVlan] }, wrapper, async ({ ours, shell }) => {
    const grown = new Map<Side, number>();
    for (const side of [ours, shell]) {
      await makeHome(side);
      grown.set(side, await memoryOfServed(side, networks));
    }
    const samples = new Samples();
    // Where ours does not have it yet, there is the shell's alone.
    const exists = !(await ours.host.call('restore-network', { 'network-id': 700 })).stderr.includes('unknown command');
    await inTurns(rounds, exists ? [ours, shell] : [shell], async (side, round) => {
      const schedule = new Schedule();
      schedule.add('restore-network', restoreCall(side, round), 20);
      samples.add(await side.run(schedule), (id) => pairId(id, side.name));
    });
    const figure: Figure = {
      id: 'memory-served',
      label: 'memory of one network with DHCP, DNS and metadata',
      unit: 'KiB',
      ours: (grown.get(ours) ?? Number.NaN) / 1024,
      shell: (grown.get(shell) ?? Number.NaN) / 1024,
      better: 'less',
    };
    const measurements: Measurement[] = pair(samples, 'restore-network', `restore-network, ${guests} guests`);
    return {
      figure,
      section: {
        id: 'comparison-restore',
        title: 'All guests of a network in one call',
        method: `DHCP, DNS and metadata of ${guests} guests, which replace the same guests with other data.`,
        unit: 'ms',
        measurements,
      },
    };
  });
}

/** Bytes that each of some networks takes. */
async function memoryOfServed(side: Side, networks: number): Promise<number> {
  const before = await memoryOf(side);
  for (let index = 1; index <= networks; index++) {
    const network = side.network({ id: 700 + index, vlan: homeVlan + index, prefix: `10.1.${index}` });
    const guest = { mac: '02:00:00:00:00:10', ip: `${network.prefix}.10`, hostname: 'vm' };
    const data = writeData(side, 'vm-data', vmData(guest.hostname));
    await side.perform('implement-network', network.implementOptions());
    await side.perform('config-dns-subnet', network.subnetOptions());
    await side.perform('add-dhcp-entry', network.dhcpEntryOptions(guest));
    await side.perform('save-vm-data', { ...network.guestOptions(guest.ip), 'vm-data-file': data });
  }
  await side.host.self.run(['sleep', '1']);
  return ((await memoryOf(side)) - before) / networks;
}

function restoreCall(side: Side, round: number): string[] {
  const home = homeOf(side);
  const vms = Array.from({ length: guests }, (_, index) => ({
    ip: `${home.prefix}.${20 + index}`,
    mac: `02:00:00:00:01:${index.toString(16).padStart(2, '0')}`,
    hostname: `vm-${index}`,
    default_nic: true,
    vm_data: vmData(`vm-${index}-${round}`).slice(0, 2),
  }));
  const content = { dhcp_enabled: true, dns_enabled: true, userdata_enabled: true, vms };
  const file = writeData(side, `restore-${round % 2}`, content);
  return side.command('restore-network', { ...home.subnetOptions(), 'restore-data-file': file });
}
