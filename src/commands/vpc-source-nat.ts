/** What the commands about a VPC's source NAT address have in common. */

import type { Command, VpcSourceNat, VpcTarget } from '../contract/command.js';
import { type Change, change } from '../model/change.js';
import type { Domain, PublicAddress } from '../model/domain.js';
import { CommandError } from './command-error.js';
import { publicHostEnd, publicSide } from './place.js';
import type { Links } from './plan.js';
import { otherSourcesOff, unusedPublicPairs } from './public-address.js';

/** The changes that make an address the one that the VPC's guests go out with; all others are that no longer. */
export function sourceNatChanges(
  name: Command['name'],
  target: VpcTarget,
  domain: Domain,
  sourceNat: VpcSourceNat,
): { readonly address: PublicAddress; readonly changes: Change[] } {
  const { publicIp } = sourceNat;
  const known = domain.address.get(publicIp);
  const vlan = sourceNat.publicVlan ?? known?.vlan;
  if (vlan === undefined) {
    throw new CommandError(
      `${name}: --public-vlan "": no VLAN is known for ${publicIp}; expected a VLAN id from 1 to 4094, or untagged`,
    );
  }
  const address: PublicAddress = {
    address: publicIp,
    vlan,
    prefix: sourceNat.publicPrefix,
    gateway: sourceNat.publicGateway,
    sourceNat: true,
    // A tier that has the address already keeps what it has with it.
    owner: known?.owner,
    link: publicSide(target, vlan).pair.inside,
  };
  return {
    address,
    changes: [...change(domain, 'address', publicIp, address), ...otherSourcesOff(domain, publicIp)],
  };
}

/** What of an address's old place goes when it comes with another VLAN or prefix. */
export function leftPlace(
  domain: Domain,
  after: Pick<Domain, 'address'>,
  address: PublicAddress,
): Pick<Links, 'removedPairs' | 'removedAddresses' | 'removedHostRoutes'> {
  const known = domain.address.get(address.address);
  if (known === undefined) return { removedPairs: [], removedAddresses: [], removedHostRoutes: [] };
  const moved = known.link !== address.link;
  return {
    removedPairs: moved ? unusedPublicPairs(domain, after, [known.vlan]) : [],
    removedAddresses:
      moved || known.prefix !== address.prefix
        ? [{ link: known.link, address: known.address, prefix: known.prefix }]
        : [],
    removedHostRoutes: moved ? [{ address: known.address, link: publicHostEnd(domain.id, known.vlan) }] : [],
  };
}
