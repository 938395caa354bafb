import { z } from 'zod';
import { contentBytes } from '../base64.js';
import type { SaveUserData } from '../command.js';
import { filesAt, userDataPath } from '../guest-files.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address } from '../values.js';

const schema = z.object({ ...targetFields, ip: address, userdata: z.string().default('') });

/** CONTRACT §5.14, §9.4: base64 of any bytes, else the text itself. None takes away what there was. */
export function decodeSaveUserdata(call: RawCall): SaveUserData {
  const { userdata, ip, ...values } = read(call, schema);
  const files = filesAt([userDataPath], contentBytes(userdata, call.contents));
  return { name: 'save-userdata', target: targetOf(call, values), guestIp: ip, files, password: undefined };
}
