import { z } from 'zod';
import { decodeBase64OrText } from '../base64.js';
import type { SaveUserData } from '../command.js';
import { filesAt, publicKeysPath } from '../guest-files.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address } from '../values.js';

const schema = z.object({ ...targetFields, ip: address, sshkey: z.string().default('') });

/** CONTRACT §5.14, §9.4: public keys, one a line, as base64 or as they are. None takes away those there were. */
export function decodeSaveSshKey(call: RawCall): SaveUserData {
  const { sshkey, ip, ...values } = read(call, schema);
  const files = filesAt([publicKeysPath], decodeBase64OrText(sshkey));
  return { name: 'save-sshkey', target: targetOf(call, values), guestIp: ip, files, password: undefined };
}
