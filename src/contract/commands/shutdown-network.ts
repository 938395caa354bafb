import { z } from 'zod';
import type { ShutdownNetwork } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';

const schema = z.object(targetToRemoveFields);

/** CONTRACT §5.3. */
export function decodeShutdownNetwork(call: RawCall): ShutdownNetwork {
  return { name: 'shutdown-network', target: targetOf(call, read(call, schema)) };
}
