import type { CommandOptions } from '../../../test/host/host.js';
import type { Network } from '../../../test/system/network.js';
import { Schedule } from '../schedule.js';
import { firewallCall } from '../sent-lists.js';
import { wholeTime } from './bursts.js';
import { homeVlan, plainRules, publicVlan } from './compared-commands.js';
import type { Figure } from './figure.js';
import { type Side, withSides } from './side.js';

const clients = 8;

/** Port forwards and firewall rules of a network that comes and goes. */
const forwards = 10;
const rules = 10;

/** Networks that come to life as CloudStack does it, and are removed again, eight at the same time. */
export async function measureChurn(disk: string, wrapper: string, quick: boolean): Promise<Figure> {
  const counts = quick ? { ours: 20, shell: 4 } : { ours: 200, shell: 24 };
  return withSides({ disk, ...churnVlans(counts.ours) }, wrapper, async ({ ours, shell }) => {
    await churn(ours, clients);
    return {
      id: 'churn',
      label: `networks a second: implement, assign, ${forwards} forwards, firewall, shutdown, destroy (${counts.ours} ours, ${counts.shell} shell, ${clients} at once)`,
      unit: '/s',
      ours: await churn(ours, counts.ours),
      shell: await churn(shell, counts.shell),
      better: 'more',
      timesBetter: 10,
    };
  });
}

/** What a host needs for so many networks that come and go. */
export function churnVlans(count: number): { readonly guestVlans: number[]; readonly publicVlans: number[] } {
  return { guestVlans: Array.from({ length: count }, (_, index) => homeVlan + index), publicVlans: [publicVlan] };
}

/** Networks a second. */
async function churn(side: Side, count: number): Promise<number> {
  let nanoseconds = 0;
  for (const phase of churnPhases(side, count)) {
    const schedule = new Schedule();
    for (const argv of phase) schedule.add('churn', argv, 0);
    nanoseconds += wholeTime(await side.run(schedule, clients));
  }
  return count / (nanoseconds / 1e9);
}

/** The calls of one round; those of a phase may be made at the same time. */
export function churnPhases(side: Side, count: number): string[][][] {
  const networks = Array.from({ length: count }, (_, index) => ({
    network: side.network({ id: homeVlan + index, vlan: homeVlan + index, prefix: `10.2.${index}` }),
    publicIp: `203.0.113.${10 + index}`,
  }));
  const each = (command: string, options: (network: Network, publicIp: string) => readonly CommandOptions[]) =>
    networks.flatMap(({ network, publicIp }) => options(network, publicIp).map((one) => side.command(command, one)));
  return [
    each('implement-network', (network) => [network.implementOptions()]),
    each('assign-ip', (network, publicIp) => [network.addressOptions(publicIp, { sourceNat: true })]),
    each('add-port-forward', (network, publicIp) =>
      Array.from({ length: forwards }, (_, index) =>
        network.forwardOptions({
          publicIp,
          publicPort: 8_000 + index,
          privateIp: `${network.prefix}.10`,
          privatePort: 80,
        }),
      ),
    ),
    networks.map(({ network, publicIp }, index) => [
      ...firewallCall(side, network, `churn-${network.id}`, plainRules(rules, publicIp, 1 + index)),
    ]),
    each('shutdown-network', ({ id }) => [{ 'network-id': id, vlan: '' }]),
    each('destroy-network', ({ id }) => [{ 'network-id': id, vlan: '' }]),
  ];
}
