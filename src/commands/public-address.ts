/** What commands that take a public address away have in common. */

import type { Target } from '../contract/command.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import { type Change, change } from '../model/change.js';
import type { Domain, DomainId } from '../model/domain.js';
import type { Vlan } from '../model/values.js';
import { publicHostEnd, publicSide } from './place.js';
import type { Links } from './plan.js';

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
    addresses: addresses.map(({ link, address: text, prefix }) => ({ link, address: text, prefix })),
    hostRoutes: addresses.map(({ address: text, vlan }) => ({ address: text, link: publicHostEnd(id, vlan) })),
  };
}
