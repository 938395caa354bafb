import { z } from 'zod';
import type { RestoredGuest, RestoreNetwork } from '../command.js';
import { ContractError } from '../contract-error.js';
import { readNestedValue } from '../nested-value.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { issueWords } from '../rule-fields.js';
import { targetFields, targetOf } from '../target.js';
import { address, addresses, dnsName, domainName, flag, ipv6Address, mac } from '../values.js';
import { readVmData } from '../vm-data.js';

const schema = z.object({ ...targetFields, dns: addresses.default([]), domain: domainName.optional() });

const isEnabled = z.union([z.boolean(), z.stringbool()]).default(false);

const restoreData = z.object({
  dhcp_enabled: isEnabled,
  dns_enabled: isEnabled,
  userdata_enabled: isEnabled,
  vms: z.array(z.unknown()).default([]),
});

// What a service does not ask for is not looked at. Generation 2 sends more: dns, domain, nic_uuid, device_id.
const given = (value: unknown) => (value === '' || value === null ? undefined : value);

const guest = z.object({ ip: address, vm_data: z.array(z.unknown()).nullish() });
const namedGuest = guest.extend({
  hostname: z.preprocess(given, dnsName.optional()),
  ip6_address: z.preprocess(given, ipv6Address.optional()),
});
const leasedGuest = namedGuest.extend({ mac, default_nic: z.union([z.boolean(), flag]).default(true) });

type SentGuest = z.output<typeof guest> & Partial<z.output<typeof leasedGuest>>;

/**
 * CONTRACT §5.15, §6.5. Gateway, CIDR and extension address are those of implement-network, which comes first. One bad VM rejects the whole
 * list, by its place in it; an entry of its data that cannot be served is left out, with a warning.
 */
export function decodeRestoreNetwork(call: RawCall): RestoreNetwork {
  const values = read(call, schema);
  const target = targetOf(call, values);
  const refused = (reason: string) => new ContractError(`${call.command}: ${call.spelling('restore_data')}: ${reason}`);
  const { value: restored, contents } = readNestedValue(call, 'restore_data');
  const sent = restoreData.safeParse(restored);
  if (!sent.success) {
    const isObject = sent.error.issues[0]?.path.length !== 0;
    throw refused(isObject ? issueWords(sent.error) : 'expected a JSON object with vms');
  }
  const { dhcp_enabled: dhcp, dns_enabled: dns, userdata_enabled: userData, vms } = sent.data;
  const expected: z.ZodType<SentGuest> = dhcp ? leasedGuest : dns ? namedGuest : guest;
  const guests = vms.map((value, index): RestoredGuest => {
    const { success, data, error } = expected.safeParse(value);
    if (!success) throw refused(`vm ${index + 1}: ${wordsOf(error, value)}; nothing was changed`);
    const warn = (text: string) => call.warnings.push(`${call.command}: vm ${index + 1}: ${text}; skipped`);
    return {
      ip: data.ip,
      mac: data.mac,
      hostname: data.hostname,
      ipv6Address: data.ip6_address,
      isDefaultNic: data.default_nic ?? true,
      ...readVmData(userData ? (data.vm_data ?? []) : [], contents, warn),
    };
  });
  return { name: 'restore-network', target, resolvers: values.dns, domain: values.domain, dhcp, dns, userData, guests };
}

/** What is wrong with a VM: which member, its value, and what was expected. */
function wordsOf(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues;
  const member = String(issue?.path[0] ?? '');
  if (member === '') return 'expected an object with ip, mac, hostname and vm_data';
  const found = (value as Readonly<Record<string, unknown>>)[member];
  if (found === undefined) return `${member} is missing`;
  if (issue?.code !== 'custom' || typeof found !== 'string') return issueWords(error);
  return `${member} ${quote(found)}: expected ${issue.message}`;
}
