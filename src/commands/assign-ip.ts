import type { AssignIp } from '../contract/command.js';
import { type Change, change, preview } from '../model/change.js';
import type { Domain, PublicAddress } from '../model/domain.js';
import { gateways, publicSide } from './place.js';
import { type Plan, plan } from './plan.js';
import { assignedLinks, otherSourcesOff, publicVlanOf } from './public-address.js';
import { isImplemented } from './require-network.js';

/** assign-ip: the public side of a network for one address. */
export function assignIp(command: AssignIp, domain: Domain): Plan {
  const { target, publicIp } = command;
  if (!domain.present) {
    // Sent again while rules are revoked after a shutdown (CONTRACT §12.4): there is nothing to assign it to.
    return plan({ notes: [`assign-ip: namespace ${target.namespace} does not exist; ${publicIp} is not assigned`] });
  }
  if (!isImplemented(target, domain)) {
    // The same for a tier: the VPC's namespace outlives it.
    return plan({ notes: [`assign-ip: network ${target.networkId} is not implemented; ${publicIp} is not assigned`] });
  }
  const vlan = publicVlanOf(command.name, command, domain);
  const address: PublicAddress = {
    address: publicIp,
    vlan,
    prefix: command.publicPrefix,
    gateway: command.publicGateway,
    sourceNat: command.sourceNat,
    owner: target.networkId,
    link: publicSide(target, vlan).pair.inside,
  };
  const changes: Change[] = [
    ...change(domain, 'address', publicIp, address),
    ...(command.sourceNat ? otherSourcesOff(domain, publicIp) : []),
  ];
  const after = preview(domain, changes);
  return plan({
    links: {
      ...assignedLinks(target, domain, after, address),
      defaultRoute: { candidates: gateways(after, publicIp), keep: address.gateway === undefined },
    },
    changes,
    announcements: [{ link: address.link, address: publicIp }],
  });
}
