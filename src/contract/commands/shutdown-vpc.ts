import { z } from 'zod';
import type { ShutdownVpc } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { vpcTargetOf } from '../target.js';
import { identifier } from '../values.js';

const schema = z.object({ vpc_id: identifier });

/** CONTRACT §5.4. */
export function decodeShutdownVpc(call: RawCall): ShutdownVpc {
  const values = read(call, schema);
  return { name: 'shutdown-vpc', target: vpcTargetOf(call, values.vpc_id) };
}
