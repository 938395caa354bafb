import type { ReleaseIp } from '../contract/command.js';
import { type Change, change, preview } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { loadBalancersOff } from './load-balancing.js';
import { gateways, publicHostEnd } from './place.js';
import { type Plan, plan } from './plan.js';
import { connectionsOf, unusedPublicPairs } from './public-address.js';

/** release-ip: undoes assign-ip, with every NAT and load balancer rule of the address. */
export function releaseIp(command: ReleaseIp, domain: Domain): Plan {
  const { publicIp, target } = command;
  const known = publicIp === undefined ? undefined : domain.address.get(publicIp);
  if (publicIp === undefined) return plan({ notes: ['release-ip: no --public-ip was sent; nothing to release'] });
  if (known === undefined && !domain.staticNat.has(publicIp)) {
    const forwards = [...domain.portForward.values()].some((forward) => forward.publicIp === publicIp);
    if (!forwards) return plan({ notes: [`release-ip: ${publicIp} is not assigned`] });
  }
  if (
    known?.owner !== undefined &&
    known.owner !== target.networkId &&
    domain.network.get(known.owner)?.active === true
  ) {
    return plan({ notes: [`release-ip: ${publicIp} is in use by network ${known.owner} and stays`] });
  }
  const balancing = loadBalancersOff(domain, (rule) => rule.publicIp === publicIp);
  const changes = [...releaseChanges(domain, publicIp), ...balancing.changes];
  const after = preview(domain, changes);
  const host = known === undefined ? undefined : publicHostEnd(domain.id, known.vlan);
  return plan({
    links: {
      removedPairs: known === undefined ? [] : unusedPublicPairs(domain, after, [known.vlan]),
      removedAddresses: known === undefined ? [] : [{ link: known.link, address: publicIp, prefix: known.prefix }],
      removedHostRoutes: host === undefined ? [] : [{ address: publicIp, link: host }],
      defaultRoute: { candidates: gateways(after), keep: true },
    },
    changes,
    services: balancing.services,
    endConnections: connectionsOf(publicIp),
  });
}

/** The address, its static NAT and its port forwards are to be gone. */
export function releaseChanges(domain: Domain, publicIp: string): Change[] {
  const changes: Change[] = [
    ...change(domain, 'address', publicIp, undefined),
    ...change(domain, 'staticNat', publicIp, undefined),
  ];
  for (const [key, forward] of domain.portForward) {
    if (forward.publicIp === publicIp) changes.push(...change(domain, 'portForward', key, undefined));
  }
  return changes;
}
