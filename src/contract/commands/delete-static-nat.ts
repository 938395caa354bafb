import { z } from 'zod';
import type { DeleteStaticNat } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';
import { address } from '../values.js';

const schema = z.object({ ...targetToRemoveFields, public_ip: address.optional(), private_ip: address.optional() });

/** CONTRACT §5.6. */
export function decodeDeleteStaticNat(call: RawCall): DeleteStaticNat {
  const values = read(call, schema);
  return {
    name: 'delete-static-nat',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    privateIp: values.private_ip,
  };
}
