import { Buffer } from 'node:buffer';
import type { CommandOptions } from '../../../test/host/host.js';
import type { Network } from '../../../test/system/network.js';
import { firewallList } from '../rules/rule-lists.js';
import { firewallCall, writeData } from '../sent-lists.js';
import type { Side } from './side.js';

export const publicVlan = 200;
export const homeVlan = 1000;
/** The network that stays, and its addresses. */
export const homePublicIp = '203.0.113.10';
export const furtherPublicIp = '203.0.113.11';

/** Each command that is measured, and how many times faster than the shell it must be. */
export const comparedCommands: Readonly<Record<string, number | undefined>> = {
  'implement-network': 15,
  'assign-ip': 20,
  'add-static-nat': 30,
  'delete-static-nat': 30,
  'add-port-forward': 30,
  'delete-port-forward': 30,
  'apply-fw-rules': 30,
  'add-dhcp-entry': undefined,
  'save-vm-data': undefined,
  'remove-dhcp-entry': undefined,
  'shutdown-network': undefined,
  'destroy-network': undefined,
};

/** Rules of each call of apply-fw-rules among the commands. */
export const homeRules = 100;

/** The network that stays, with two public addresses and DHCP. */
export function homeOf(side: Side): Network {
  return side.network({ id: 700, vlan: homeVlan, prefix: '10.1.0' });
}

export async function makeHome(side: Side): Promise<Network> {
  const home = homeOf(side);
  await side.perform('implement-network', home.implementOptions());
  await side.perform('assign-ip', home.addressOptions(homePublicIp, { sourceNat: true }));
  await side.perform('assign-ip', home.addressOptions(furtherPublicIp));
  await side.perform('config-dhcp-subnet', home.subnetOptions());
  return home;
}

/** Rules with one network each, as most are: with the shell every further one is a call of iptables more. */
export function plainRules(count: number, publicIp: string, seed: number) {
  const rules = firewallList({ seed, count, publicIps: [publicIp] });
  return rules.map((rule) => ({ ...rule, sourceCidrs: rule.sourceCidrs.slice(0, 1) }));
}

/** One entry of a VM's data. */
export function vmEntry(dir: string, file: string, content: string) {
  return { dir, file, content: Buffer.from(content).toString('base64') };
}

/** What CloudStack always says about a VM. */
export function vmData(name: string) {
  const files = ['service-offering', 'availability-zone', 'local-hostname', 'local-ipv4', 'instance-id', 'vm-id'];
  return [
    vmEntry('userdata', 'user_data', `#!/bin/sh\necho ${name}\n`),
    ...files.map((file) => vmEntry('metadata', file, `${file} of ${name}`)),
  ];
}

type Call = readonly [id: string, argv: readonly string[]];

/** One call of every command: about the network that stays, and about one that comes and goes. */
export function roundOfCommands(side: Side, home: Network, passing: Network, round: number): Call[] {
  const call = (command: string, options: CommandOptions): Call => [command, side.command(command, options)];
  const nic = { mac: '02:00:00:00:00:10', ip: `${home.prefix}.${20 + (round % 200)}`, hostname: `vm-${round}` };
  const staticNat = home.staticNatOptions(furtherPublicIp, `${home.prefix}.10`);
  const port = 10_000 + round;
  const forward = { publicIp: homePublicIp, publicPort: port, privateIp: `${home.prefix}.10`, privatePort: 22 };
  const rules = plainRules(homeRules, homePublicIp, 1 + (round % 2));
  const data = writeData(side, 'vm-data', vmData(nic.hostname));
  const end = { 'network-id': passing.id, vlan: passing.implementOptions().vlan ?? '' };
  return [
    call('implement-network', passing.implementOptions()),
    call('assign-ip', passing.addressOptions('203.0.113.20', { sourceNat: true })),
    call('add-static-nat', staticNat),
    call('delete-static-nat', staticNat),
    call('add-port-forward', home.forwardOptions(forward)),
    call('delete-port-forward', home.forwardOptions(forward)),
    ['apply-fw-rules', firewallCall(side, home, `rules-${round % 2}`, rules)],
    call('add-dhcp-entry', home.dhcpEntryOptions(nic)),
    call('save-vm-data', { ...home.guestOptions(nic.ip), 'vm-data-file': data }),
    call('remove-dhcp-entry', home.entryOptions({ mac: nic.mac, ip: nic.ip })),
    call('shutdown-network', end),
    call('destroy-network', { ...end, vlan: '' }),
  ];
}
