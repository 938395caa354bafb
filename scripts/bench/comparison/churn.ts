import { Schedule } from '../schedule.js';
import { wholeTime } from './bursts.js';
import { homeVlan, publicVlan } from './compared-commands.js';
import type { Figure } from './figure.js';
import { type Side, withSides } from './side.js';

const clients = 8;

/** Networks that are made, get a public address, and are removed, eight at the same time. */
export async function measureChurn(disk: string, wrapper: string, quick: boolean): Promise<Figure> {
  const counts = quick ? { ours: 20, shell: 4 } : { ours: 200, shell: 24 };
  const guestVlans = Array.from({ length: counts.ours }, (_, index) => homeVlan + index);
  return withSides({ disk, guestVlans, publicVlans: [publicVlan] }, wrapper, async ({ ours, shell }) => {
    await churn(ours, clients);
    return {
      id: 'churn',
      label: `networks a second: implement, assign, destroy (${counts.ours} ours, ${counts.shell} shell, ${clients} at once)`,
      unit: '/s',
      ours: await churn(ours, counts.ours),
      shell: await churn(shell, counts.shell),
      better: 'more',
      timesBetter: 10,
    };
  });
}

/** Networks a second. */
async function churn(side: Side, count: number): Promise<number> {
  const phases = ['implement-network', 'assign-ip', 'destroy-network'].map((command) => {
    const schedule = new Schedule();
    for (let index = 0; index < count; index++) {
      const vlan = homeVlan + index;
      const network = side.network({ id: vlan, vlan, prefix: `10.2.${index}` });
      const options = {
        'implement-network': network.implementOptions(),
        'assign-ip': network.addressOptions(`203.0.113.${10 + index}`, { sourceNat: true }),
        'destroy-network': { 'network-id': vlan, vlan },
      }[command];
      schedule.add(command, side.command(command, options ?? {}), 0);
    }
    return schedule;
  });
  let nanoseconds = 0;
  for (const phase of phases) nanoseconds += wholeTime(await side.run(phase, clients));
  return count / (nanoseconds / 1e9);
}
