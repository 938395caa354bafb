import { z } from 'zod';
import type { ImplementNetwork } from '../command.js';
import { ContractError } from '../contract-error.js';
import { guestIpv6Fields, guestIpv6Of } from '../guest-ipv6.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, cidr } from '../values.js';

const schema = z.object({
  ...targetFields,
  gateway: address.optional(),
  cidr: cidr.optional(),
  extension_ip: address.optional(),
  ...guestIpv6Fields,
});

/** A detail of the extension, which an operator may have among those of the physical network, and its value that matters. */
const isolationDetail = 'network.isolation.method';
const ownIsolation = 'NetworkExtension';

/** CONTRACT §5.2. */
export function decodeImplementNetwork(call: RawCall): ImplementNetwork {
  const values = read(call, schema);
  const target = targetOf(call, values);
  const tellsBroadcast = leavesVlanToUs(call);
  if (tellsBroadcast && target.vlan === undefined) {
    throw new ContractError(
      `${call.command}: ${call.spelling('vlan')} is missing, because "${isolationDetail}" is "${ownIsolation}": ` +
        'expected a VLAN that CloudStack has chosen; remove that detail (apache/cloudstack#14077)',
    );
  }
  return {
    name: 'implement-network',
    target,
    gateway: values.gateway,
    cidr: values.cidr,
    extensionIp: values.extension_ip ?? values.gateway,
    tellsBroadcast: tellsBroadcast || undefined,
    ipv6: guestIpv6Of(call, values),
  };
}

/**
 * Whether CloudStack takes the network's broadcast URI from what this command prints (CONTRACT §5.2). For all other networks it has one, and
 * would have it replaced.
 */
function leavesVlanToUs({ isPayload, physicalDetails }: RawCall): boolean {
  const method = physicalDetails[isolationDetail];
  return isPayload && typeof method === 'string' && method.toLowerCase() === ownIsolation.toLowerCase();
}
