import type { DestroyNetwork, ShutdownNetwork } from '../contract/command.js';
import { cidrContains } from '../model/address.js';
import { allOff, type Change, change, preview } from '../model/change.js';
import type { Domain, Network, PublicAddress } from '../model/domain.js';
import type { Vlan } from '../model/values.js';
import { radvdOf } from './guest-ipv6.js';
import { haproxyOf, loadBalancersOff } from './load-balancing.js';
import { dnsmasqOf, servicesOff } from './name-service.js';
import { gateways, guestHostEnd, publicHostEnd } from './place.js';
import { type Plan, plan } from './plan.js';
import { connectionsOf, insideAddress, unusedPublicPairs } from './public-address.js';

/** shutdown-network: takes the network out of the kernel; what is known of it stays in the state. */
export function shutdownNetwork(command: ShutdownNetwork, domain: Domain): Plan {
  const network = domain.network.get(command.target.networkId);
  const after = network === undefined ? undefined : { ...network, active: false };
  return endNetwork(command, domain, after);
}

/** Ends a network in the kernel; `after` is what stays of it in the state. */
export function endNetwork(
  command: ShutdownNetwork | DestroyNetwork,
  domain: Domain,
  after: Network | undefined,
): Plan {
  const { target } = command;
  const network = domain.network.get(target.networkId);
  const vlans = [network?.vlan, target.vlan].filter((vlan): vlan is Vlan => vlan !== undefined);
  const guestPairs = [...new Set(vlans)].map((vlan) => guestHostEnd(domain.id, vlan));
  const own = [
    ...change(domain, 'network', target.networkId, after),
    ...(after === undefined ? servicesOff(domain, target.networkId) : []),
    ...(after === undefined ? change(domain, 'userData', target.networkId, undefined) : []),
  ];
  const services = [dnsmasqOf(target.networkId), haproxyOf(target.networkId), radvdOf(target.networkId)];

  if (target.vpcId === undefined) {
    const publicVlans = new Set([...domain.address.values()].map((address) => address.vlan));
    return plan({
      namespace: 'remove',
      links: { removedPairs: [...guestPairs, ...[...publicVlans].map((vlan) => publicHostEnd(domain.id, vlan))] },
      changes: [
        ...allOff(domain, 'address'),
        ...allOff(domain, 'staticNat'),
        ...allOff(domain, 'portForward'),
        ...allOff(domain, 'loadBalancer'),
        ...rulesOff(domain, target.networkId),
        ...change(domain, 'policyRouting', target.networkId, undefined),
        ...own,
      ],
      services,
      removesTableNames: after === undefined,
    });
  }

  // A guest VLAN of another tier is not ours to take, whatever the call says.
  const othersLinks = new Set(
    [...domain.network.values()]
      .filter((other) => other.id !== target.networkId && other.active && other.vlan !== undefined)
      .map((other) => guestHostEnd(domain.id, other.vlan as Vlan)),
  );
  const { changes, released, balancing } = tierChanges(domain, network, target.networkId);
  changes.push(...rulesOff(domain, target.networkId));
  const remaining = preview(domain, [...changes, ...own]);
  return plan({
    links: {
      removedPairs: [
        ...guestPairs.filter((host) => !othersLinks.has(host)),
        ...unusedPublicPairs(
          domain,
          remaining,
          released.map((address) => address.vlan),
        ),
      ],
      removedAddresses: released.map(insideAddress),
      removedHostRoutes: released.map(({ address, vlan }) => ({ address, link: publicHostEnd(domain.id, vlan) })),
      defaultRoute: { candidates: gateways(remaining), keep: true },
    },
    changes: [...changes, ...own],
    services: [...services, ...balancing.filter(({ networkId }) => networkId !== target.networkId)],
    endConnections: released.flatMap(({ address }) => connectionsOf(address)),
  });
}

/** Firewall and ACL go with their network: CloudStack sends both again when it is implemented. */
function rulesOff(domain: Domain, networkId: string): Change[] {
  return [...change(domain, 'firewall', networkId, undefined), ...change(domain, 'acl', networkId, undefined)];
}

/**
 * What a tier takes with it: the addresses it owns with all their rules, and the rules of other addresses that lead to its
 * guests. The VPC's source NAT address came with whichever tier was implemented last, but belongs to the VPC.
 */
function tierChanges(domain: Domain, network: Network | undefined, networkId: string) {
  const changes: Change[] = [];
  const last = ![...domain.network.values()].some((other) => other.active && other.id !== networkId);
  // A VPC that implement-vpc made keeps its address without any tier. Of any other the last tier takes it, whichever it came with.
  const isVpcOnItsOwn = domain.vpcCidr !== undefined;
  const belongsToVpc = (address: PublicAddress) => address.sourceNat && (isVpcOnItsOwn || !last);
  const owned = [...domain.address.values()].filter(
    (address) => address.owner === networkId || (address.owner === undefined && last && !isVpcOnItsOwn),
  );
  const released = owned.filter((address) => !belongsToVpc(address));
  const releasedIps = new Set(released.map((address) => address.address));
  for (const address of owned) {
    const after = belongsToVpc(address) ? { ...address, owner: undefined } : undefined;
    changes.push(...change(domain, 'address', address.address, after));
  }
  const isGuest = (privateIp: string) => network?.cidr !== undefined && cidrContains(network.cidr, privateIp);
  for (const [key, { publicIp, privateIp }] of domain.staticNat) {
    if (releasedIps.has(publicIp) || isGuest(privateIp)) changes.push(...change(domain, 'staticNat', key, undefined));
  }
  for (const [key, { publicIp, privateIp }] of domain.portForward) {
    if (releasedIps.has(publicIp) || isGuest(privateIp)) changes.push(...change(domain, 'portForward', key, undefined));
  }
  const { changes: ofRules, services: balancing } = loadBalancersOff(
    domain,
    (rule) => rule.networkId === networkId || releasedIps.has(rule.publicIp),
  );
  return { changes: [...changes, ...ofRules], released, balancing };
}
