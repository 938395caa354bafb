import { z } from 'zod';
import type { AddStaticNat } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, vlan } from '../values.js';

const schema = z.object({ ...targetFields, public_ip: address, public_vlan: vlan, private_ip: address });

/** CONTRACT §5.6. */
export function decodeAddStaticNat(call: RawCall): AddStaticNat {
  const values = read(call, schema);
  return {
    name: 'add-static-nat',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    publicVlan: values.public_vlan,
    privateIp: values.private_ip,
  };
}
