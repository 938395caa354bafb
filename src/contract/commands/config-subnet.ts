import { z } from 'zod';
import { guestIpv6Fields, guestIpv6Of } from '../guest-ipv6.js';
import type { ConfigDhcpSubnet, ConfigDnsSubnet } from '../name-service-command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { addresses, domainName } from '../values.js';

const schema = z.object({
  ...targetFields,
  dns: addresses.default([]),
  domain: domainName.optional(),
  ...guestIpv6Fields,
});

/** CONTRACT §5.12. Gateway, CIDR and extension address are those of implement-network, which comes first (§12.7). */
export function decodeConfigDhcpSubnet(call: RawCall): ConfigDhcpSubnet {
  return { name: 'config-dhcp-subnet', ...configurationOf(call) };
}

/** CONTRACT §5.12. */
export function decodeConfigDnsSubnet(call: RawCall): ConfigDnsSubnet {
  return { name: 'config-dns-subnet', ...configurationOf(call) };
}

function configurationOf(call: RawCall) {
  const values = read(call, schema);
  return {
    target: targetOf(call, values),
    resolvers: values.dns,
    domain: values.domain,
    ipv6: guestIpv6Of(call, values),
  };
}
