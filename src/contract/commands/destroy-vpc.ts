import { z } from 'zod';
import type { DestroyVpc } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { vpcTargetOf } from '../target.js';
import { identifier } from '../values.js';

const schema = z.object({ vpc_id: identifier });

/** CONTRACT §5.4. */
export function decodeDestroyVpc(call: RawCall): DestroyVpc {
  const values = read(call, schema);
  return { name: 'destroy-vpc', target: vpcTargetOf(call, values.vpc_id) };
}
