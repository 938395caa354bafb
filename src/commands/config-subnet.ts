import type { ConfigDhcpSubnet, ConfigDnsSubnet } from '../contract/name-service-command.js';
import type { Domain } from '../model/domain.js';
import { withIpv6 } from './guest-ipv6.js';
import { serviceChanges, settingsChange } from './name-service.js';
import type { Plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/** config-dhcp-subnet: DHCP is served. DNS is left as it is: the next VM's call must not turn it off again. */
export function configDhcpSubnet(command: ConfigDhcpSubnet, domain: Domain): Plan {
  const { name, target, resolvers, domain: domainName } = command;
  requireNetwork(name, target, domain);
  const settings = { dhcp: true, resolvers, domain: domainName };
  return withIpv6(command, domain, serviceChanges(target, settingsChange(domain, target.networkId, settings)));
}

/** config-dns-subnet: DHCP and DNS are served. */
export function configDnsSubnet(command: ConfigDnsSubnet, domain: Domain): Plan {
  const { name, target, resolvers, domain: domainName } = command;
  requireNetwork(name, target, domain);
  const settings = { dhcp: true, dns: 'on', resolvers, domain: domainName } as const;
  return withIpv6(command, domain, serviceChanges(target, settingsChange(domain, target.networkId, settings)));
}
