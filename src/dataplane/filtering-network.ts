import type { Domain } from '../model/domain.js';

/**
 * The network whose firewall decides about what comes to a public address: its owner's, or that of the one whose rules name it. In a
 * VPC the ACLs decide, so there an address is closed only by rules that name it; a network of its own closes all its addresses with
 * its first rule set.
 */
export function filteringNetwork(domain: Domain, publicIp: string): string | undefined {
  const owner = domain.address.get(publicIp)?.owner;
  // What is neither assigned nor named has no firewall: nobody would take it away again.
  const isOwnAddress = domain.id.kind === 'network' && domain.address.has(publicIp);
  const filters = (networkId: string) =>
    domain.network.get(networkId)?.active === true &&
    (isOwnAddress || domain.firewall.get(networkId)?.publicIps.has(publicIp) === true);
  if (owner !== undefined && domain.network.get(owner)?.active === true) {
    return domain.firewall.has(owner) && filters(owner) ? owner : undefined;
  }
  return [...domain.firewall.keys()].filter(filters).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}
