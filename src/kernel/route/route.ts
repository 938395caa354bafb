import { isIPv6 } from 'node:net';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, type Operation } from '../operation.js';

/** RT_TABLE_MAIN of linux/rtnetlink.h. */
export const mainTable = 254;

/** RTNH_F_ONLINK of linux/rtnetlink.h: the gateway is reachable although no address of the link says so. */
const RTNH_F_ONLINK = 4;

/** RTNH_F_LINKDOWN of linux/rtnetlink.h: the link has no carrier. */
const RTNH_F_LINKDOWN = 16;

/** A prefix: address and length in bits. */
export interface Prefix {
  readonly address: string;
  readonly length: number;
}

/** A route. */
export interface Route {
  readonly object: 'route';
  /** Where it leads to; `default` needs the family of a gateway or of `family`. */
  readonly destination: Prefix | 'default';
  readonly family?: 'inet' | 'inet6';
  readonly type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
  readonly gateway?: string;
  /** Index of the outgoing link. */
  readonly link?: number;
  readonly source?: string;
  /** Routing table, 1–4294967295; the main table when absent. */
  readonly table?: number;
  /** Lower wins. */
  readonly metric?: number;
  readonly scope?: 'global' | 'site' | 'link' | 'host' | 'nowhere';
  readonly onlink?: boolean;
  /** Path MTU in bytes. */
  readonly mtu?: number;
  readonly protocol?: 'unspec' | 'kernel' | 'boot' | 'static' | number;
  /** Reported only: its link has no carrier. */
  readonly linkDown?: boolean;
}

function familyOf(route: Route): 'inet' | 'inet6' {
  if (route.family !== undefined) return route.family;
  const sample = route.destination === 'default' ? route.gateway : route.destination.address;
  return sample !== undefined && isIPv6(sample) ? 'inet6' : 'inet';
}

/** A route in the words of `ip route`. */
export function routeWords(route: Route): string {
  const destination =
    route.destination === 'default' ? 'default' : `${route.destination.address}/${route.destination.length}`;
  const parts = [route.type === undefined || route.type === 'unicast' ? '' : `${route.type} `, destination];
  if (route.gateway !== undefined) parts.push(` via ${route.gateway}`);
  if (route.link !== undefined) parts.push(` on link with index ${route.link}`);
  if (route.table !== undefined && route.table !== mainTable) parts.push(` in table ${route.table}`);
  return parts.join('');
}

function message(name: 'route.new' | 'route.delete', flags: number, verb: Operation['verb'], route: Route): Operation {
  const type = route.type ?? 'unicast';
  // As iproute2 does: a route without gateway is reachable on the link itself; deletion matches any scope.
  const scope =
    route.scope ??
    (name === 'route.delete' ? 'nowhere' : type === 'unicast' && route.gateway === undefined ? 'link' : 'global');
  const table = route.table ?? mainTable;
  return {
    message: name,
    flags,
    body: {
      family: familyOf(route),
      destinationPrefix: route.destination === 'default' ? 0 : route.destination.length,
      headerTable: table < 256 ? table : 0,
      protocol: route.protocol ?? (name === 'route.delete' ? 'unspec' : 'boot'),
      scope,
      type,
      flags: route.onlink === true ? RTNH_F_ONLINK : 0,
      destination: route.destination === 'default' ? undefined : route.destination.address,
      gateway: route.gateway,
      outputLink: route.link,
      preferredSource: route.source,
      priority: route.metric,
      metrics: route.mtu === undefined ? undefined : { mtu: route.mtu },
      table,
    },
    verb,
    subject: `route ${routeWords(route)}`,
  };
}

/** RTM_NEWROUTE; an existing route is an error (EEXIST). */
export function addRoute(route: Route): Operation {
  return message('route.new', NLM_F_CREATE | NLM_F_EXCL, 'add', route);
}

/** RTM_NEWROUTE that takes the place of a route with the same destination, table and metric. */
export function replaceRoute(route: Route): Operation {
  return message('route.new', NLM_F_CREATE | NLM_F_REPLACE, 'replace', route);
}

/** RTM_DELROUTE of the first route that matches what is given. */
export function deleteRoute(route: Route): Operation {
  return message('route.delete', 0, 'delete', route);
}

/** RTM_GETROUTE: the routes of a table (a kernel-side filter), of a link, or all. */
export function listRoutes(filter: {
  readonly family: 'inet' | 'inet6';
  readonly table?: number;
  readonly link?: number;
}): Operation {
  return {
    message: 'route.get',
    flags: 0,
    body: { family: filter.family, table: filter.table, outputLink: filter.link },
    verb: 'list',
    subject: filter.table === undefined ? 'routes' : `routes of table ${filter.table}`,
  };
}

/** RTM_F_FIB_MATCH of linux/rtnetlink.h: answer with the route itself, not with where it would lead this packet. */
const RTM_F_FIB_MATCH = 0x2000;

/** RTM_GETROUTE of the route that a packet to `destination` takes. */
export function lookUpRoute(destination: string): Operation {
  const inet6 = isIPv6(destination);
  return {
    message: 'route.get',
    flags: 0,
    body: {
      family: inet6 ? 'inet6' : 'inet',
      destinationPrefix: inet6 ? 128 : 32,
      flags: RTM_F_FIB_MATCH,
      destination,
    },
    verb: 'get',
    subject: `route to ${destination}`,
  };
}

interface DecodedRoute {
  family: 'inet' | 'inet6';
  destinationPrefix: number;
  headerTable: number;
  protocol: Exclude<Route['protocol'], undefined>;
  scope: Exclude<Route['scope'], undefined>;
  type: Route['type'];
  flags: number;
  destination?: string;
  gateway?: string;
  outputLink?: number;
  preferredSource?: string;
  priority?: number;
  metrics?: { mtu?: number };
  table?: number;
}

/** A decoded RTM_NEWROUTE as a Route. Types the kernel makes itself (local, broadcast) come through as they are. */
export function decodeRoute(decoded: object): Route {
  const route = decoded as DecodedRoute;
  return {
    object: 'route',
    destination:
      route.destination === undefined ? 'default' : { address: route.destination, length: route.destinationPrefix },
    family: route.family,
    type: route.type ?? 'unicast',
    table: route.table ?? route.headerTable,
    scope: route.scope,
    protocol: route.protocol,
    ...(route.gateway === undefined ? {} : { gateway: route.gateway }),
    ...(route.outputLink === undefined ? {} : { link: route.outputLink }),
    ...(route.preferredSource === undefined ? {} : { source: route.preferredSource }),
    ...(route.priority === undefined ? {} : { metric: route.priority }),
    ...(route.metrics?.mtu === undefined ? {} : { mtu: route.metrics.mtu }),
    ...((route.flags & RTNH_F_ONLINK) === 0 ? {} : { onlink: true }),
    ...((route.flags & RTNH_F_LINKDOWN) === 0 ? {} : { linkDown: true }),
  };
}
