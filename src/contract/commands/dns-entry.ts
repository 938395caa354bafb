import { z } from 'zod';
import type { AddDnsEntry, RemoveDnsEntry } from '../name-service-command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf, targetToRemoveFields } from '../target.js';
import { address, dnsName, ipv6Address } from '../values.js';

const schema = z.object({ ...targetFields, ip: address, ip6_address: ipv6Address.optional(), hostname: dnsName });
const schemaToRemove = z.object({ ...targetToRemoveFields, ip: address.optional() });

/** CONTRACT §5.12. */
export function decodeAddDnsEntry(call: RawCall): AddDnsEntry {
  const values = read(call, schema);
  return {
    name: 'add-dns-entry',
    target: targetOf(call, values),
    ip: values.ip,
    ipv6Address: values.ip6_address,
    hostname: values.hostname,
  };
}

/** CONTRACT §5.12; CloudStack itself never sends it. */
export function decodeRemoveDnsEntry(call: RawCall): RemoveDnsEntry {
  const values = read(call, schemaToRemove);
  return { name: 'remove-dns-entry', target: targetOf(call, values), ip: values.ip };
}
