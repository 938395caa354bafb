/** What is there, as far as a plan's links need to know. */

import { closeSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Links } from '../commands/plan.js';
import type { Address } from '../kernel/route/address.js';
import type { Link } from '../kernel/route/link.js';
import { mainTable, type Route } from '../kernel/route/route.js';
import type { Kernel, RouteAccess } from './kernel.js';

/** What a plan has to know of a link in the namespace. */
export type InsideLink = Pick<Link, 'index' | 'up'>;

/** Links by name, and what hangs on them. */
export interface Observed {
  /** Links on the host, only those the plan names. */
  readonly host: ReadonlyMap<string, Link>;
  /** All links in the namespace. */
  readonly inside: ReadonlyMap<string, InsideLink>;
  /** Addresses in the namespace; those of IPv6 only where the plan's links are about some. */
  readonly addresses: readonly Address[];
  /** Index of the link that the host's route to a public address leads to, for those the plan names. */
  readonly hostRoutes: ReadonlyMap<string, number>;
  /** Host ends whose other end is in another namespace that has a name: they are not ours. */
  readonly foreign: ReadonlyMap<string, string>;
  /** Default routes of the main table in the namespace. */
  readonly defaultRoutes: readonly Route[];
}

/** The links on the host that a plan is about. */
function hostNames({ bridges, pairs, hostRoutes, removedHostRoutes }: Links): string[] {
  const names = new Set<string>();
  for (const { bridge, port, device } of bridges) for (const name of [bridge, port, device]) names.add(name);
  for (const { host, inside, bridge } of pairs) for (const name of [host, inside, bridge]) names.add(name);
  for (const { link } of [...hostRoutes, ...removedHostRoutes]) names.add(link);
  return [...names];
}

/** Reads what the plan's links are about. `inside` is undefined when there is no namespace. */
export async function observe(
  links: Links,
  kernel: Kernel,
  host: RouteAccess,
  inside: RouteAccess | undefined,
): Promise<Observed> {
  const isAboutIpv6 = [...links.addresses, ...links.removedAddresses].some(({ address }) => isIPv6(address));
  // All at once: host and namespace are different sockets, and each wait for an answer costs more than the answer.
  const [hostLinks, routesOnHost, found, addresses, routes] = await Promise.all([
    host.linksNamed(hostNames(links)),
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

/** Links on the host that were looked at; of those that are asked for but not found there is none any more. */
export interface LookedAt {
  readonly asked: readonly string[];
  readonly found: ReadonlyMap<string, Link>;
}

/**
 * What is there after a round, from what was there before it and the links on the host that it was about. A pair that was made has one more link
 * inside and nothing else, and its end on the host tells the other's index.
 *
 * @returns undefined when that does not tell: ends were moved or deleted
 */
export function observedAfter({ pairs }: Links, before: Observed, { asked, found }: LookedAt): Observed | undefined {
  const host = new Map(before.host);
  for (const name of asked) host.delete(name);
  for (const [name, link] of found) host.set(name, link);
  const inside = new Map(before.inside);
  for (const pair of pairs) {
    const earlier = before.host.get(pair.host);
    const end = host.get(pair.host);
    const other = before.inside.get(pair.inside);
    if (earlier === undefined) {
      if (other !== undefined) return undefined;
      // Its bridge was not there yet.
      if (end === undefined) continue;
      if (end.parent === undefined || end.parentNamespaceId === undefined) return undefined;
      inside.set(pair.inside, { index: end.parent, up: false });
    } else if (end?.index !== earlier.index || end.parent !== earlier.parent || end.parent !== other?.index) {
      return undefined;
    }
  }
  return { ...before, host, inside };
}

/** Host ends of the plan's pairs that do not lead to where they should. */
function strayEnds(links: Links, host: ReadonlyMap<string, Link>, inside: ReadonlyMap<string, InsideLink>): Link[] {
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
