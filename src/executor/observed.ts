/** What is there, as far as a plan's links need to know. */

import type { Links } from '../commands/plan.js';
import type { Address } from '../kernel/route/address.js';
import type { Link } from '../kernel/route/link.js';
import { mainTable, type Route } from '../kernel/route/route.js';
import type { RouteSocket } from '../kernel/route-socket.js';

/** Links by name, and what hangs on them. */
export interface Observed {
  /** Links on the host, only those the plan names. */
  readonly host: ReadonlyMap<string, Link>;
  /** All links in the namespace. */
  readonly inside: ReadonlyMap<string, Link>;
  /** IPv4 addresses in the namespace. */
  readonly addresses: readonly Address[];
  /** Default routes of the main table in the namespace. */
  readonly defaultRoutes: readonly Route[];
}

/** Reads what the plan's links are about. `inside` is undefined when there is no namespace. */
export async function observe(links: Links, host: RouteSocket, inside: RouteSocket | undefined): Promise<Observed> {
  const names = new Set<string>();
  for (const { bridge, port, device } of links.bridges) for (const name of [bridge, port, device]) names.add(name);
  for (const { host: end, inside: other, bridge } of links.pairs)
    for (const name of [end, other, bridge]) names.add(name);
  for (const end of links.removedPairs) names.add(end);
  for (const { link } of [...links.hostRoutes, ...links.removedHostRoutes]) names.add(link);

  const hostLinks = new Map<string, Link>();
  await Promise.all(
    [...names].map(async (name) => {
      const link = await host.link(name);
      if (link !== undefined) hostLinks.set(name, link);
    }),
  );
  const insideLinks = new Map<string, Link>();
  let addresses: readonly Address[] = [];
  let routes: readonly Route[] = [];
  if (inside !== undefined) {
    const [found, foundAddresses, foundRoutes] = await Promise.all([
      inside.links(),
      inside.addresses({ family: 'inet' }),
      inside.routes({ family: 'inet', table: mainTable }),
    ]);
    for (const link of found) insideLinks.set(link.name, link);
    addresses = foundAddresses;
    routes = foundRoutes;
  }
  return {
    host: hostLinks,
    inside: insideLinks,
    addresses,
    defaultRoutes: routes.filter((route) => route.destination === 'default' && route.type === 'unicast'),
  };
}
