/** The IPv6 side of a network: the gateway on its guest link, and the router advertisements by which guests make their addresses. */

import type { NetworkTarget } from '../contract/command.js';
import { formatCidr } from '../model/address.js';
import { change } from '../model/change.js';
import { type Domain, type GuestIpv6, type Network, routedIpv6 } from '../model/domain.js';
import { ipv6Contains } from '../model/ipv6.js';
import { CommandError } from './command-error.js';
import type { InsideAddress, Links, Plan, ServiceWork } from './plan.js';

/** The work on a network's radvd. */
export function radvdOf(networkId: string): ServiceWork {
  return { service: 'radvd', networkId };
}

type Ipv6Links = Pick<Links, 'addresses' | 'removedAddresses' | 'ipv6Links'>;

/**
 * What a network's IPv6 side needs of its guest link.
 *
 * @param former how the network was before; undefined when nothing of it is in the kernel
 */
export function ipv6Links(network: Network, former: Network | undefined): Ipv6Links {
  const addresses = gatewayOf(network);
  const isSame = (one: InsideAddress) => (other: InsideAddress) =>
    one.link === other.link && one.address === other.address && one.prefix === other.prefix;
  return {
    ipv6Links: addresses.map(({ link }) => link),
    addresses,
    // With another link the address goes by itself.
    removedAddresses: gatewayOf(former).filter((one) => one.link === network.link && !addresses.some(isSame(one))),
  };
}

function gatewayOf(network: Network | undefined): InsideAddress[] {
  const ipv6 = network === undefined ? undefined : routedIpv6(network);
  const link = network?.link;
  return link === undefined || ipv6 === undefined ? [] : [{ link, address: ipv6.gateway, prefix: ipv6.cidr.prefix }];
}

/**
 * Adds to the plan of a command about a network that is there what its IPv6 side needs: it may get one after implement-network (CONTRACT §10), and is
 * made complete if it has it already. Nothing when the command says nothing about it.
 */
export function withIpv6({ name, target: { networkId }, ipv6 }: Ipv6Command, domain: Domain, services: Plan): Plan {
  const known = domain.network.get(networkId);
  if (known === undefined || ipv6 === undefined) return services;
  const network: Network = { ...known, ipv6 };
  requireOwnIpv6(name, network, domain);
  return {
    ...services,
    links: { ...services.links, ...ipv6Links(network, known) },
    changes: [...change(domain, 'network', networkId, network), ...services.changes],
    services: [...services.services, radvdOf(networkId)],
    notes: [...services.notes, ...(routedIpv6(network) === undefined ? [ipv6Note(network)] : [])],
  };
}

/** What a command says of a network's IPv6 side. */
interface Ipv6Command {
  readonly name: string;
  readonly target: NetworkTarget;
  readonly ipv6: GuestIpv6 | undefined;
}

/** Why a network has no IPv6 side of ours. */
export function ipv6Note({ id, gateway }: Network): string {
  return `network ${id}: its gateway ${gateway} is another machine, and IPv6 is left to it`;
}

/** Refuses an IPv6 network that another network of the namespace has: the way to its guests would be ambiguous. */
export function requireOwnIpv6(name: string, { id, ipv6 }: Network, domain: Domain): void {
  if (ipv6 === undefined) return;
  for (const other of domain.network.values()) {
    if (other.id === id || !other.active || other.ipv6 === undefined) continue;
    const isApart =
      !ipv6Contains(ipv6.cidr, other.ipv6.cidr.address) && !ipv6Contains(other.ipv6.cidr, ipv6.cidr.address);
    if (isApart) continue;
    throw new CommandError(
      `${name}: network_ip6_cidr "${formatCidr(ipv6.cidr)}" overlaps ${formatCidr(other.ipv6.cidr)} of network ${other.id} of the same VPC; ` +
        'expected a CIDR of its own',
    );
  }
}
