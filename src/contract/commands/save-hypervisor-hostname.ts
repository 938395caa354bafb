import { z } from 'zod';
import type { SaveUserData } from '../command.js';
import { filesAt, hypervisorHostnamePaths } from '../guest-files.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, hostName } from '../values.js';

const schema = z.object({ ...targetFields, ip: address, hypervisor_hostname: hostName });

/** CONTRACT §5.14. */
export function decodeSaveHypervisorHostname(call: RawCall): SaveUserData {
  const { hypervisor_hostname: name, ip, ...values } = read(call, schema);
  const files = filesAt(hypervisorHostnamePaths, Buffer.from(name));
  return { name: 'save-hypervisor-hostname', target: targetOf(call, values), guestIp: ip, files, password: undefined };
}
