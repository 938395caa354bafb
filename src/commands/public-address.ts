/** What commands about public addresses have in common. */

import type { Command, Target } from '../contract/command.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import { type Change, change } from '../model/change.js';
import type { Domain, DomainId, PublicAddress } from '../model/domain.js';
import type { Vlan } from '../model/values.js';
import { CommandError } from './command-error.js';
import { publicHostEnd, publicSide } from './place.js';
import type { InsideAddress, Links } from './plan.js';

/** A public address as it is on its link inside the namespace. */
export function insideAddress({ link, address, prefix }: PublicAddress): InsideAddress {
  return { link, address, prefix };
}

/** The VLAN of a public address: what was sent, else what is known. */
export function publicVlanOf(
  name: Command['name'],
  { publicIp, publicVlan }: { readonly publicIp: string; readonly publicVlan: Vlan | undefined },
  domain: Domain,
): Vlan {
  const vlan = publicVlan ?? domain.address.get(publicIp)?.vlan;
  if (vlan !== undefined) return vlan;
  throw new CommandError(
    `${name}: --public-vlan "": no VLAN is known for ${publicIp}; expected a VLAN id from 1 to 4094, or untagged`,
  );
}

/** The links of one public address that is being assigned; what of its old place goes is {@link leftPlace}. */
export function assignedLinks(
  target: Target,
  domain: Domain,
  after: Pick<Domain, 'address'>,
  address: PublicAddress,
): Partial<Links> {
  const side = publicSide(target, address.vlan);
  return {
    bridges: [side.bridge],
    pairs: [side.pair],
    // All addresses of the link: when the pair has to be made anew, the others come back with it.
    addresses: [...after.address.values()].filter((one) => one.link === address.link).map(insideAddress),
    hostRoutes: [{ address: address.address, link: side.pair.host }],
    ...leftPlace(domain, after, address),
  };
}

/** What of a public address's old place goes when it comes with another VLAN or prefix. */
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
    removedAddresses: moved || known.prefix !== address.prefix ? [insideAddress(known)] : [],
    removedHostRoutes: moved ? [{ address: known.address, link: publicHostEnd(domain.id, known.vlan) }] : [],
  };
}

/** Host ends of the public pairs of `vlans` on which no address is left. */
export function unusedPublicPairs(
  domain: Pick<Domain, 'id'>,
  after: Pick<Domain, 'address'>,
  vlans: Iterable<Vlan>,
): string[] {
  const used = new Set([...after.address.values()].map((address) => address.vlan));
  return [...new Set(vlans)].filter((vlan) => !used.has(vlan)).map((vlan) => publicHostEnd(domain.id, vlan));
}

/** A domain has one source NAT address: the one that was named last. */
export function otherSourcesOff(domain: Domain, publicIp: string): Change[] {
  return [...domain.address.values()]
    .filter((other) => other.sourceNat && other.address !== publicIp)
    .flatMap((other) => change(domain, 'address', other.address, { ...other, sourceNat: false }));
}

/** The connections that came in to a public address or went out with it. */
export function connectionsOf(publicIp: string): ConnectionFilter[] {
  return [{ original: { destination: publicIp } }, { reply: { destination: publicIp } }];
}

/** The public side as the addresses that are assigned need it: made whole again when the namespace is made once more. */
export function publicLinks(
  target: Target,
  id: DomainId,
  { address }: Pick<Domain, 'address'>,
): Pick<Links, 'bridges' | 'pairs' | 'addresses' | 'hostRoutes'> {
  const addresses = [...address.values()];
  const sides = [...new Set(addresses.map((one) => one.vlan))].map((vlan) => publicSide(target, vlan));
  return {
    bridges: sides.map((side) => side.bridge),
    pairs: sides.map((side) => side.pair),
    addresses: addresses.map(insideAddress),
    hostRoutes: addresses.map(({ address: text, vlan }) => ({ address: text, link: publicHostEnd(id, vlan) })),
  };
}
