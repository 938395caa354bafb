import { z } from 'zod';
import type { ReleaseIp } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields, warnIfIgnored } from '../target.js';
import { address, vlanToRemove } from '../values.js';

const schema = z.object({ ...targetToRemoveFields, public_ip: address.optional(), public_vlan: vlanToRemove });

/** CONTRACT §5.5; everything else about the address is in the state. */
export function decodeReleaseIp(call: RawCall): ReleaseIp {
  const values = read(call, schema);
  warnIfIgnored(call, 'public_vlan', values.public_vlan);
  return {
    name: 'release-ip',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    publicVlan: values.public_vlan,
  };
}
