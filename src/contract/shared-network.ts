import { z } from 'zod';
import { cidrContains } from '../model/address.js';
import type { SharedNetwork } from './command.js';
import type { RawCall } from './raw-call.js';
import { address, cidr } from './values.js';

// A command that takes something away must not fail because of them; one that builds says what it misses.
const schema = z.object({
  gateway: address.optional().catch(undefined),
  cidr: cidr.optional().catch(undefined),
  extension_ip: address.optional().catch(undefined),
});

/**
 * What a call says of a shared network; undefined for any other. A NIC's own gateway stands in the network's place, and if it is no address of
 * the network it is that NIC's alone (CONTRACT §12).
 */
export function sharedNetworkOf(call: RawCall): SharedNetwork | undefined {
  if (call.fields.guest_type?.toLowerCase() !== 'shared') return undefined;
  const { gateway: sent, cidr: network, extension_ip: extensionIp } = schema.parse(call.fields);
  const gateway = sent !== undefined && network !== undefined && !cidrContains(network, sent) ? undefined : sent;
  return { gateway, cidr: network, extensionIp: extensionIp ?? gateway };
}

/**
 * Whether the management server has ended the network or is about to (CONTRACT §4.4, §10). It says what its database says. `setup` is no end:
 * networks that it takes for implemented from the start are in that state all their life.
 */
export function isEnding({ fields }: RawCall): boolean | undefined {
  return ['shutdown', 'destroy', 'allocated'].includes(fields.network_state?.toLowerCase() ?? '') || undefined;
}
