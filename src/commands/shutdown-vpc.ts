import type { ShutdownVpc } from '../contract/command.js';
import { allOff, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { radvdOf } from './guest-ipv6.js';
import { haproxyOf } from './load-balancing.js';
import { dnsmasqOf, servicesOff } from './name-service.js';
import { guestHostEnd, publicHostEnd } from './place.js';
import { type Plan, plan } from './plan.js';

/**
 * shutdown-vpc: the namespace goes with all that is in it. CloudStack sends destroy-vpc never, so a VPC without tiers leaves no state
 * either (CONTRACT §11.9); of one with tiers, what is needed to implement them again stays.
 */
export function shutdownVpc(_command: ShutdownVpc, domain: Domain): Plan {
  return endVpc(domain, domain.network.size > 0);
}

/** Ends a VPC; with `keepTiers` what is known of its tiers, and of the VPC itself, stays in the state. */
export function endVpc(domain: Domain, keepTiers: boolean): Plan {
  const guests = [...domain.network.values()].flatMap(({ vlan }) => (vlan === undefined ? [] : [vlan]));
  const publics = new Set([...domain.address.values()].map((address) => address.vlan));
  return plan({
    namespace: 'remove',
    links: {
      removedPairs: [
        ...guests.map((vlan) => guestHostEnd(domain.id, vlan)),
        ...[...publics].map((vlan) => publicHostEnd(domain.id, vlan)),
      ],
    },
    changes: [
      ...allOff(domain, 'address'),
      ...allOff(domain, 'staticNat'),
      ...allOff(domain, 'portForward'),
      ...allOff(domain, 'loadBalancer'),
      ...allOff(domain, 'firewall'),
      ...allOff(domain, 'acl'),
      ...allOff(domain, 'policyRouting'),
      ...[...domain.network.values()].flatMap((network) =>
        change(domain, 'network', network.id, keepTiers ? { ...network, active: false } : undefined),
      ),
      ...(keepTiers ? [] : [...domain.network.keys()].flatMap((networkId) => servicesOff(domain, networkId))),
      ...(keepTiers ? [] : [...allOff(domain, 'userData'), ...change(domain, 'vpc', domain.id.id, undefined)]),
    ],
    services: [...domain.network.keys()].flatMap((networkId) => [
      dnsmasqOf(networkId),
      haproxyOf(networkId),
      radvdOf(networkId),
    ]),
    removesTableNames: !keepTiers,
  });
}
