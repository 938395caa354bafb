import { z } from 'zod';
import type { ImplementNetwork } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, cidr } from '../values.js';

const schema = z.object({
  ...targetFields,
  gateway: address.optional(),
  cidr: cidr.optional(),
  extension_ip: address.optional(),
});

/** CONTRACT §5.2. */
export function decodeImplementNetwork(call: RawCall): ImplementNetwork {
  const values = read(call, schema);
  return {
    name: 'implement-network',
    target: targetOf(call, values),
    gateway: values.gateway,
    cidr: values.cidr,
    extensionIp: values.extension_ip ?? values.gateway,
  };
}
