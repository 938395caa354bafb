import { z } from 'zod';
import type { SaveUserData } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, password } from '../values.js';

const schema = z.object({ ...targetFields, ip: address, password });

/** CONTRACT §5.14: the password as it is. */
export function decodeSavePassword(call: RawCall): SaveUserData {
  const { password: value, ip, ...values } = read(call, schema);
  return { name: 'save-password', target: targetOf(call, values), guestIp: ip, files: [], password: value };
}
