import type { ImplementVpc } from '../contract/command.js';
import { change, preview } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { gateways } from './place.js';
import { type Plan, plan } from './plan.js';
import { leftPlace, publicLinks } from './public-address.js';
import { sourceNatChanges } from './vpc-source-nat.js';

/** implement-vpc: the namespace, and the address with which all tiers go out; on an absent, half-built or complete VPC. */
export function implementVpc(command: ImplementVpc, domain: Domain): Plan {
  const { target, sourceNat } = command;
  const source = sourceNat === undefined ? undefined : sourceNatChanges(command.name, target, domain, sourceNat);
  const changes = [
    ...change(domain, 'vpc', target.vpcId, { cidr: command.cidr ?? domain.vpcCidr }),
    ...(source?.changes ?? []),
  ];
  const after = preview(domain, changes);
  const sides = publicLinks(target, domain.id, after);
  return plan({
    namespace: 'ensure',
    links: {
      ...sides,
      ...(source === undefined ? {} : leftPlace(domain, after, source.address)),
      defaultRoute: { candidates: gateways(after), keep: source?.address.gateway === undefined },
    },
    changes,
    restoresPolicyRouting: true,
    // Addresses that come back with a new namespace have a new MAC address.
    announcements: sides.addresses
      .filter(({ address }) => !domain.present || address === source?.address.address)
      .map(({ link, address }) => ({ link, address })),
  });
}
