import { z } from 'zod';
import { guestIpv6Fields, guestIpv6Of } from '../guest-ipv6.js';
import type { PrepareNic, ReleaseNic } from '../name-service-command.js';
import { nicFields, nicOf } from '../nic.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf, targetToRemoveFields } from '../target.js';
import { address, ipv6Address, mac } from '../values.js';

const schema = z.object({
  ...targetFields,
  mac: mac.optional(),
  ip: address.optional(),
  ip6_address: ipv6Address.optional(),
  ...nicFields,
  ...guestIpv6Fields,
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
    ipv6Address: values.ip6_address,
    ...nicOf(call, values),
    ipv6: guestIpv6Of(call, values),
  };
}

/** CONTRACT §5.13. */
export function decodeReleaseNic(call: RawCall): ReleaseNic {
  const values = read(call, schemaToRelease);
  return { name: 'release-nic', target: targetOf(call, values), mac: values.mac, ip: values.ip };
}
