import { z } from 'zod';
import type { DestroyNetwork } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';

const schema = z.object(targetToRemoveFields);

/** CONTRACT §5.3. */
export function decodeDestroyNetwork(call: RawCall): DestroyNetwork {
  return { name: 'destroy-network', target: targetOf(call, read(call, schema)) };
}
