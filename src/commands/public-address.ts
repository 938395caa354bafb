/** What commands that take a public address away have in common. */

import type { ConnectionFilter } from '../kernel/connection.js';
import type { Domain } from '../model/domain.js';
import type { Vlan } from '../model/values.js';
import { publicHostEnd } from './place.js';

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
