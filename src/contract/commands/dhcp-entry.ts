import { z } from 'zod';
import type { AddDhcpEntry, RemoveDhcpEntry } from '../name-service-command.js';
import { nicFields, nicOf } from '../nic.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf, targetToRemoveFields } from '../target.js';
import { address, addresses, domainName, mac } from '../values.js';

const schema = z.object({
  ...targetFields,
  mac,
  ip: address,
  ...nicFields,
  dns: addresses.optional(),
  domain: domainName.optional(),
});

const schemaToRemove = z.object({ ...targetToRemoveFields, mac: mac.optional(), ip: address.optional() });

/** CONTRACT §5.12. */
export function decodeAddDhcpEntry(call: RawCall): AddDhcpEntry {
  const values = read(call, schema);
  return {
    name: 'add-dhcp-entry',
    target: targetOf(call, values),
    mac: values.mac,
    ip: values.ip,
    ...nicOf(call, values),
    resolvers: values.dns,
    domain: values.domain,
  };
}

/** CONTRACT §5.12, §11.24: nothing is to be told from the other fields. */
export function decodeRemoveDhcpEntry(call: RawCall): RemoveDhcpEntry {
  const values = read(call, schemaToRemove);
  return { name: 'remove-dhcp-entry', target: targetOf(call, values), mac: values.mac, ip: values.ip };
}
