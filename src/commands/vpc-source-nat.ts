/** What the commands about a VPC's source NAT address have in common. */

import type { Command, VpcSourceNat, VpcTarget } from '../contract/command.js';
import { type Change, change } from '../model/change.js';
import type { Domain, PublicAddress } from '../model/domain.js';
import { publicSide } from './place.js';
import { otherSourcesOff, publicVlanOf } from './public-address.js';

/** The changes that make an address the one that the VPC's guests go out with; all others are that no longer. */
export function sourceNatChanges(
  name: Command['name'],
  target: VpcTarget,
  domain: Domain,
  sourceNat: VpcSourceNat,
): { readonly address: PublicAddress; readonly changes: Change[] } {
  const { publicIp } = sourceNat;
  const known = domain.address.get(publicIp);
  const vlan = publicVlanOf(name, sourceNat, domain);
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
