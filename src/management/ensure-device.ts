import type { EntryCall } from './call.js';
import { type Connection, checkHost, readAccess } from './connection.js';
import { ConfigurationFailure } from './failure.js';
import { hostsInOrder } from './hosts.js';
import { textOf } from './text-of.js';

/** What the answer to ensure-network-device says, and what was learnt on the way. */
export interface ChosenHost {
  readonly host: string;
  /** One line of JSON, which CloudStack keeps and sends with every later call. */
  readonly answer: string;
  /** Why hosts before it were passed over. */
  readonly notes: readonly string[];
}

/** Fails with the reason when a host cannot be logged in to. */
export type Probe = (connection: Connection, host: string) => Promise<void>;

/**
 * Chooses the host of a network or VPC (CONTRACT §5.1): the one it has, if that is still registered and can be reached; else the first that can
 * be reached, beginning at the one its id falls on.
 *
 * @throws ConfigurationFailure when nothing is registered, or nothing can be reached
 */
export async function ensureDevice(call: EntryCall, probe: Probe): Promise<ChosenHost> {
  const { networkId, vpcId } = call;
  const id = vpcId === '' ? networkId : vpcId;
  if (id === '') throw new ConfigurationFailure(`${call.command}: neither a network id nor a VPC id was given`);
  const { hosts, connection } = readAccess(call.physicalDetails);
  if (hosts.length === 0)
    throw new ConfigurationFailure(
      `${call.command}: no hosts: expected the detail "hosts" of the extension to name them`,
    );
  const current = textOf(call.currentDetails, 'host') || textOf(call.networkDetails, 'host');
  const isKept = current !== '' && hosts.includes(current);
  const order = hostsInOrder(hosts, id).filter((host) => !isKept || host !== current);
  const notes: string[] = [];
  for (const host of isKept ? [current, ...order] : order) {
    try {
      await probe(connection, checkHost(host));
    } catch (error) {
      notes.push(`${host} cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const namespace = vpcId === '' ? `cs-net-${networkId}` : `cs-vpc-${vpcId}`;
    const answer = { host, namespace, ...(vpcId === '' ? {} : { vpc_id: vpcId }) };
    return { host, answer: `${JSON.stringify(answer)}\n`, notes };
  }
  throw new ConfigurationFailure(`${call.command}: none of the hosts can be reached: ${notes.join('; ')}`);
}
