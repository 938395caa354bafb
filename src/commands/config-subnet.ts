import type { ConfigDhcpSubnet, ConfigDnsSubnet } from '../contract/name-service-command.js';
import type { Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { applyIpv6 } from './guest-ipv6.js';
import { serviceChanges, settingsChange } from './name-service.js';
import type { Plan } from './plan.js';
import { requireNetwork } from './require-network.js';

/** config-dhcp-subnet: DHCP is served. DNS is left as it is: the next VM's call must not turn it off again. */
export function configDhcpSubnet(command: ConfigDhcpSubnet, domain: Domain): Plan {
  const { name, target, resolvers, domain: domainName } = command;
  requireNetwork(name, target, domain);
  return withIpv6(
    command,
    domain,
    settingsChange(domain, target.networkId, { dhcp: true, resolvers, domain: domainName }),
  );
}

/** config-dns-subnet: DHCP and DNS are served. */
export function configDnsSubnet(command: ConfigDnsSubnet, domain: Domain): Plan {
  const { name, target, resolvers, domain: domainName } = command;
  requireNetwork(name, target, domain);
  const settings = { dhcp: true, dns: 'on', resolvers, domain: domainName } as const;
  return withIpv6(command, domain, settingsChange(domain, target.networkId, settings));
}

/** Also what the network's IPv6 side needs: it may get one after implement-network (CONTRACT §10). */
function withIpv6(
  { name, target, ipv6 }: ConfigDhcpSubnet | ConfigDnsSubnet,
  domain: Domain,
  settings: readonly Change[],
): Plan {
  const services = serviceChanges(target, settings);
  const dualStack = applyIpv6(name, target, ipv6, domain);
  return {
    ...dualStack,
    changes: [...dualStack.changes, ...services.changes],
    services: [...services.services, ...dualStack.services],
  };
}
