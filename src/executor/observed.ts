/** What is there, as far as a plan's links need to know. */

import { closeSync, openSync } from 'node:fs';
import type { Links } from '../commands/plan.js';
import { native } from '../kernel/native.js';
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
  /** Index of the link that the host's route to a public address leads to, for those the plan names. */
  readonly hostRoutes: ReadonlyMap<string, number>;
  /** Host ends whose other end is in another namespace that has a name: they are not ours. */
  readonly foreign: ReadonlyMap<string, string>;
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
  const hostRoutes = new Map<string, number>();
  await Promise.all(
    links.hostRoutes.map(async ({ address }) => {
      const route = await host.routeTo(address);
      const own = route !== undefined && route.destination !== 'default' && route.destination.length === 32;
      if (own && route.link !== undefined) hostRoutes.set(address, route.link);
    }),
  );
  return {
    hostRoutes,
    foreign: await foreignEnds(links, hostLinks, insideLinks, host),
    host: hostLinks,
    inside: insideLinks,
    addresses,
    defaultRoutes: routes.filter((route) => route.destination === 'default' && route.type === 'unicast'),
  };
}

/** Host ends of the plan's pairs that lead into another named namespace. Looked into only when a pair is not as it should be. */
async function foreignEnds(
  links: Links,
  hostLinks: ReadonlyMap<string, Link>,
  inside: ReadonlyMap<string, Link>,
  host: RouteSocket,
): Promise<ReadonlyMap<string, string>> {
  const foreign = new Map<string, string>();
  const strays = links.pairs.flatMap((pair) => {
    const end = hostLinks.get(pair.host);
    const id = end?.parentNamespaceId;
    return id === undefined || inside.get(pair.inside)?.index === end?.parent ? [] : [{ name: pair.host, id }];
  });
  if (strays.length === 0) return foreign;
  for (const namespace of await native.listNamespaces()) {
    if (!native.isNamespace(namespace)) continue;
    const descriptor = openSync(`/run/netns/${namespace}`, 'r');
    try {
      const id = await host.namespaceId(descriptor);
      for (const stray of strays) if (stray.id === id) foreign.set(stray.name, namespace);
    } finally {
      closeSync(descriptor);
    }
  }
  return foreign;
}
