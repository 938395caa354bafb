import { z } from 'zod';
import type { PrepareNic, ReleaseNic } from '../name-service-command.js';
import { nicFields, nicOf } from '../nic.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf, targetToRemoveFields } from '../target.js';
import { address, mac } from '../values.js';

const schema = z.object({
  ...targetFields,
  mac: mac.optional(),
  ip: address.optional(),
  ...nicFields,
});

const schemaToRelease = z.object({ ...targetToRemoveFields, mac: mac.optional(), ip: address.optional() });

/** CONTRACT §5.13. Sent for every kind of NIC, so each value may be missing. */
export function decodePrepareNic(call: RawCall): PrepareNic {
  const values = read(call, schema);
  return {
    name: 'prepare-nic',
    target: targetOf(call, values),
    mac: values.mac,
    ip: values.ip,
    ...nicOf(call, values),
  };
}

/** CONTRACT §5.13. */
export function decodeReleaseNic(call: RawCall): ReleaseNic {
  const values = read(call, schemaToRelease);
  return { name: 'release-nic', target: targetOf(call, values), mac: values.mac, ip: values.ip };
}
