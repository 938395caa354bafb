/** What is there, as far as a plan's links need to know. */

import { closeSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Links } from '../commands/plan.js';
import type { Address } from '../kernel/route/address.js';
import type { Link } from '../kernel/route/link.js';
import { mainTable, type Route } from '../kernel/route/route.js';
import type { Kernel, RouteAccess } from './kernel.js';

/** Links by name, and what hangs on them. */
export interface Observed {
  /** Links on the host, only those the plan names. */
  readonly host: ReadonlyMap<string, Link>;
  /** All links in the namespace. */
  readonly inside: ReadonlyMap<string, Link>;
  /** Addresses in the namespace; those of IPv6 only where the plan's links are about some. */
  readonly addresses: readonly Address[];
  /** Index of the link that the host's route to a public address leads to, for those the plan names. */
  readonly hostRoutes: ReadonlyMap<string, number>;
  /** Host ends whose other end is in another namespace that has a name: they are not ours. */
  readonly foreign: ReadonlyMap<string, string>;
  /** Default routes of the main table in the namespace. */
  readonly defaultRoutes: readonly Route[];
}

/** Reads what the plan's links are about. `inside` is undefined when there is no namespace. */
export async function observe(
  links: Links,
  kernel: Kernel,
  host: RouteAccess,
  inside: RouteAccess | undefined,
): Promise<Observed> {
  const names = new Set<string>();
  for (const { bridge, port, device } of links.bridges) for (const name of [bridge, port, device]) names.add(name);
  for (const { host: end, inside: other, bridge } of links.pairs)
    for (const name of [end, other, bridge]) names.add(name);
  for (const { link } of [...links.hostRoutes, ...links.removedHostRoutes]) names.add(link);

  const isAboutIpv6 = [...links.addresses, ...links.removedAddresses].some(({ address }) => isIPv6(address));
  // All at once: host and namespace are different sockets, and each wait for an answer costs more than the answer.
  const [hostLinks, routesOnHost, found, addresses, routes] = await Promise.all([
    host.linksNamed([...names]),
    host.routesTo(links.hostRoutes.map((wanted) => wanted.address)),
    inside?.links() ?? [],
    inside?.addresses(isAboutIpv6 ? {} : { family: 'inet' }) ?? [],
    inside?.routes({ family: 'inet', table: mainTable }) ?? [],
  ]);
  const insideLinks = new Map(found.map((link) => [link.name, link]));
  const hostRoutes = new Map<string, number>();
  for (const [address, route] of routesOnHost) {
    const own = route.destination !== 'default' && route.destination.length === 32;
    if (own && route.link !== undefined) hostRoutes.set(address, route.link);
  }
  return {
    hostRoutes,
    foreign: await ownersOf(strayEnds(links, hostLinks, insideLinks), kernel, host),
    host: hostLinks,
    inside: insideLinks,
    addresses,
    defaultRoutes: routes.filter((route) => route.destination === 'default' && route.type === 'unicast'),
  };
}

/** Host ends of the plan's pairs that do not lead to where they should. */
function strayEnds(links: Links, host: ReadonlyMap<string, Link>, inside: ReadonlyMap<string, Link>): Link[] {
  return links.pairs.flatMap((pair) => {
    const end = host.get(pair.host);
    return end === undefined || inside.get(pair.inside)?.index === end.parent ? [] : [end];
  });
}

/**
 * The host ends of pairs that are to go, as far as they are ours: a name that was cut can be that of another network's pair.
 *
 * @param descriptor of our own namespace, while it is open
 */
export async function removableEnds(
  names: readonly string[],
  kernel: Kernel,
  host: RouteAccess,
  descriptor: number | undefined,
): Promise<Link[]> {
  const ends = [...(await host.linksNamed(names)).values()];
  if (ends.length === 0) return [];
  const own = descriptor === undefined ? undefined : await host.namespaceId(descriptor);
  const owners = await ownersOf(
    ends.filter((end) => end.parentNamespaceId !== own),
    kernel,
    host,
  );
  return ends.filter((end) => !owners.has(end.name));
}

/** The named namespaces in which the other ends of links are; links whose other end is in none are left out. */
async function ownersOf(
  ends: readonly Link[],
  kernel: Kernel,
  host: RouteAccess,
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  const away = ends.filter((end) => end.parentNamespaceId !== undefined);
  if (away.length === 0) return owners;
  for (const namespace of await kernel.listNamespaces()) {
    if (!kernel.isNamespace(namespace)) continue;
    const descriptor = kernel.openNamespace(namespace);
    try {
      const id = await host.namespaceId(descriptor);
      for (const end of away) if (end.parentNamespaceId === id) owners.set(end.name, namespace);
    } finally {
      closeSync(descriptor);
    }
  }
  return owners;
}
