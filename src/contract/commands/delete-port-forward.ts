import { z } from 'zod';
import type { DeletePortForward } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';
import { address, portRange, protocol } from '../values.js';

const schema = z.object({
  ...targetToRemoveFields,
  public_ip: address.optional(),
  protocol,
  public_port: portRange,
});

/** CONTRACT §5.7. The destination is not read: it may be empty, and the public side alone names a port forward. */
export function decodeDeletePortForward(call: RawCall): DeletePortForward {
  const values = read(call, schema);
  return {
    name: 'delete-port-forward',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    protocol: values.protocol,
    publicPorts: values.public_port,
  };
}
