import type { AssignIp } from '../contract/command.js';
import { type Change, change, preview } from '../model/change.js';
import type { Domain, PublicAddress } from '../model/domain.js';
import { CommandError } from './command-error.js';
import { domainIdOf, gateways, publicHostEnd, publicSide } from './place.js';
import { type Plan, plan } from './plan.js';
import { otherSourcesOff, unusedPublicPairs } from './public-address.js';

/** assign-ip: the public side of a network for one address. */
export function assignIp(command: AssignIp, domain: Domain): Plan {
  const { target, publicIp } = command;
  if (!domain.present) {
    // Sent again while rules are revoked after a shutdown (CONTRACT §12.4): there is nothing to assign it to.
    return plan({ notes: [`assign-ip: namespace ${target.namespace} does not exist; ${publicIp} is not assigned`] });
  }
  if (domain.network.get(target.networkId)?.active !== true) {
    // The same for a tier: the VPC's namespace outlives it.
    return plan({ notes: [`assign-ip: network ${target.networkId} is not implemented; ${publicIp} is not assigned`] });
  }
  const known = domain.address.get(publicIp);
  const vlan = command.publicVlan ?? known?.vlan;
  if (vlan === undefined) {
    throw new CommandError(
      `assign-ip: --public-vlan "": no VLAN is known for ${publicIp}; expected a VLAN id from 1 to 4094, or untagged`,
    );
  }
  const side = publicSide(target, vlan);
  const address: PublicAddress = {
    address: publicIp,
    vlan,
    prefix: command.publicPrefix,
    gateway: command.publicGateway,
    sourceNat: command.sourceNat,
    owner: target.networkId,
    link: side.pair.inside,
  };
  const changes: Change[] = [
    ...change(domain, 'address', publicIp, address),
    ...(command.sourceNat ? otherSourcesOff(domain, publicIp) : []),
  ];
  const after = preview(domain, changes);
  const moved = known !== undefined && known.link !== address.link;
  const inside = (one: PublicAddress) => ({ link: one.link, address: one.address, prefix: one.prefix });
  return plan({
    links: {
      bridges: [side.bridge],
      pairs: [side.pair],
      removedPairs: moved ? unusedPublicPairs(domain, after, [known.vlan]) : [],
      // All addresses of the link: when the pair has to be made anew, the others come back with it.
      addresses: [...after.address.values()].filter((one) => one.link === address.link).map(inside),
      removedAddresses: known !== undefined && (moved || known.prefix !== address.prefix) ? [inside(known)] : [],
      hostRoutes: [{ address: publicIp, link: side.pair.host }],
      removedHostRoutes: moved ? [{ address: publicIp, link: publicHostEnd(domainIdOf(target), known.vlan) }] : [],
      defaultRoute: { candidates: gateways(after, publicIp), keep: address.gateway === undefined },
    },
    changes,
    announcements: [{ link: address.link, address: publicIp }],
  });
}
