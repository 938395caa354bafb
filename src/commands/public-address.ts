/** What commands that take a public address away have in common. */

import type { NetworkTarget } from '../contract/command.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import type { Domain } from '../model/domain.js';
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

/** The connections that came in to a public address or went out with it. */
export function connectionsOf(publicIp: string): ConnectionFilter[] {
  return [{ original: { destination: publicIp } }, { reply: { destination: publicIp } }];
}

/** The public side as the addresses that are assigned need it: made whole again when the network is implemented once more. */
export function publicLinks(
  target: NetworkTarget,
  domain: Domain,
): Pick<Links, 'bridges' | 'pairs' | 'addresses' | 'hostRoutes'> {
  const addresses = [...domain.address.values()];
  const sides = [...new Set(addresses.map((address) => address.vlan))].map((vlan) => publicSide(target, vlan));
  return {
    bridges: sides.map((side) => side.bridge),
    pairs: sides.map((side) => side.pair),
    addresses: addresses.map(({ link, address, prefix }) => ({ link, address, prefix })),
    hostRoutes: addresses.map(({ address, vlan }) => ({ address, link: publicHostEnd(domain.id, vlan) })),
  };
}
