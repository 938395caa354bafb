import type { ImplementNetwork } from '../contract/command.js';
import { cidrContains, formatCidr } from '../model/address.js';
import { type Change, change, preview } from '../model/change.js';
import { type Domain, type Network, routedIpv6 } from '../model/domain.js';
import type { Cidr } from '../model/values.js';
import { CommandError } from './command-error.js';
import { ipv6Links, ipv6Note, radvdOf, requireOwnIpv6 } from './guest-ipv6.js';
import { haproxyOf } from './load-balancing.js';
import { metadataAddresses } from './metadata-address.js';
import { dnsmasqOf } from './name-service.js';
import { gateways, guestHostEnd, guestSide } from './place.js';
import { type Plan, plan } from './plan.js';
import { publicLinks } from './public-address.js';

/** implement-network: the namespace and its guest side, on an absent, half-built or complete network. */
export function implementNetwork(command: ImplementNetwork, domain: Domain): Plan {
  const { target } = command;
  const known = domain.network.get(target.networkId);
  const vlan = target.vlan;
  const side = vlan === undefined ? undefined : guestSide(target, vlan);
  const gateway = command.gateway ?? known?.gateway;
  const cidr = command.cidr ?? known?.cidr;
  if (vlan !== undefined) requireAddressing(command, gateway, cidr);
  const network: Network = {
    id: target.networkId,
    active: true,
    vlan,
    gateway,
    cidr,
    extensionIp: command.extensionIp ?? gateway,
    ipv6: command.ipv6 ?? known?.ipv6,
    link: side?.pair.inside,
    ...(target.shared === undefined && known?.isShared !== true ? {} : { isShared: true }),
  };
  for (const other of domain.network.values()) {
    if (other.id === network.id || !other.active) continue;
    if (cidr !== undefined && other.cidr !== undefined && cidrsOverlap(cidr, other.cidr)) {
      throw new CommandError(
        `implement-network: --cidr "${formatCidr(cidr)}" overlaps ${formatCidr(other.cidr)} of network ${other.id} of the same VPC; ` +
          'expected a CIDR of its own',
      );
    }
    if (network.link !== undefined && other.link === network.link) {
      throw new CommandError(
        `implement-network: VLAN ${vlan} is in use by network ${other.id} of the same VPC; expected a VLAN of its own`,
      );
    }
  }

  requireOwnIpv6('implement-network', network, domain);

  const address = network.extensionIp;
  const onLink =
    side === undefined || address === undefined || cidr === undefined
      ? []
      : [{ link: side.pair.inside, address, prefix: cidr.prefix }];
  const moved = known?.active === true && known.vlan !== undefined && known.vlan !== vlan;
  const oldAddress =
    known?.active === true &&
    !moved &&
    known.link !== undefined &&
    known.extensionIp !== undefined &&
    known.cidr !== undefined
      ? [{ link: known.link, address: known.extensionIp, prefix: known.cidr.prefix }]
      : [];
  const ipv6 = ipv6Links(network, known?.active === true ? known : undefined);
  const metadata = domain.userData.has(network.id) ? metadataAddresses(network) : [];
  const changes = [...vpcChange(domain), ...change(domain, 'network', network.id, network)];
  const publicSides = publicLinks(target, domain.id, domain);
  return plan({
    namespace: 'ensure',
    links: {
      bridges: [...(side === undefined ? [] : [side.bridge]), ...publicSides.bridges],
      pairs: [...(side === undefined ? [] : [side.pair]), ...publicSides.pairs],
      removedPairs: moved && known.vlan !== undefined ? [guestHostEnd(domain.id, known.vlan)] : [],
      addresses: [...onLink, ...metadata, ...ipv6.addresses, ...publicSides.addresses],
      ipv6Links: ipv6.ipv6Links,
      hostRoutes: publicSides.hostRoutes,
      removedAddresses: [
        ...oldAddress.filter((old) => !onLink.some((now) => now.address === old.address && now.prefix === old.prefix)),
        ...ipv6.removedAddresses,
      ],
      defaultRoute: { candidates: gateways(preview(domain, changes)), keep: true },
    },
    changes,
    restoresPolicyRouting: true,
    services: [
      dnsmasqOf(network.id),
      haproxyOf(network.id),
      ...(network.ipv6 === undefined ? [] : [radvdOf(network.id)]),
    ],
    notes: command.ipv6 !== undefined && routedIpv6(network) === undefined ? [ipv6Note(network)] : [],
    // The gateway's MAC address may be another one now; public addresses that come back with a new namespace have a new one, too.
    announcements: [...onLink, ...metadata, ...(domain.present ? [] : publicSides.addresses)].map((one) => ({
      link: one.link,
      address: one.address,
    })),
  });
}

/** A tier makes its VPC known, if there was no implement-vpc. */
function vpcChange(domain: Domain): Change[] {
  if (domain.id.kind === 'network' || domain.vpc.has(domain.id.id)) return [];
  return change(domain, 'vpc', domain.id.id, { cidr: undefined });
}

function cidrsOverlap(one: Cidr, other: Cidr): boolean {
  return cidrContains(one, other.address) || cidrContains(other, one.address);
}

function requireAddressing(command: ImplementNetwork, gateway: string | undefined, cidr: Cidr | undefined): void {
  const missing =
    cidr === undefined ? 'cidr' : gateway === undefined && command.extensionIp === undefined ? 'gateway' : '';
  if (missing === '') return;
  const expected = missing === 'cidr' ? 'an IPv4 prefix such as 10.1.1.0/24' : 'an IPv4 address';
  throw new CommandError(`implement-network: --${missing} is missing and not known from before; expected ${expected}`);
}
