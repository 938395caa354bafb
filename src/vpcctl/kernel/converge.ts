/** From VPCs to the kernel. What is there already stays, so whatever a killed call has left is completed by its repeat. */

import { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import { peersOf, type Vpcs } from '../model/vpc.js';
import { addBridgeTable, hasPeers } from '../rules/bridge-table.js';
import { addHostTable } from '../rules/host-table.js';
import { convergeBridges, writeSysctls } from './bridges.js';
import type { HostSession } from './host-session.js';
import { convergePeerings } from './peerings.js';
import { type Scope, subnetsIn, vpcsIn } from './scope.js';
import { convergeShortCuts } from './short-cut.js';
import { convergeSubnets } from './subnets.js';

/** The rules of the host for these VPCs: one transaction. @param withBridges whether there are, or were, peers: not every kernel has that family */
export function hostRules(vpcs: Vpcs, withBridges: boolean): NetfilterTransaction {
  const transaction = new NetfilterTransaction();
  addHostTable(transaction, vpcs);
  if (withBridges) addBridgeTable(transaction, vpcs);
  return transaction;
}

/** Brings all that `scope` names, as `vpcs` say it. `before` is what was there when the command began. */
export async function converge(session: HostSession, before: Vpcs, vpcs: Vpcs, scope: Scope): Promise<void> {
  const named = vpcsIn(scope, vpcs);
  // A peering has two sides.
  const touched = [...new Set([...named, ...named.flatMap((vpc) => peersOf(vpc, vpcs))])];
  const bridges = await convergeBridges(session, touched, vpcs);
  if (touched.some(({ nat_interface }) => nat_interface !== undefined)) {
    await writeSysctls(session.kernel, undefined, [{ name: 'net/ipv4/ip_forward', value: '1' }]);
  }
  await session.runRules(hostRules(vpcs, hasPeers(before) || hasPeers(vpcs)));
  const reached = await convergeSubnets(session, subnetsIn(scope, vpcs), bridges);
  await convergeShortCuts(session, reached, bridges);
  await convergePeerings(session, touched, vpcs);
}
