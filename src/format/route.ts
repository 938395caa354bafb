/** Routes as `ip route show` prints them (iproute2, ip/iproute.c), blank at the end of the line included. IPv4. */

import { mainTable, type Route } from '../kernel/route/route.js';

/** What a route's numbers are called. */
export interface RouteNames {
  /** Name of a link by its index. */
  readonly link: (index: number) => string;
  /** Name of a table, or its number. */
  readonly table: (id: number) => string;
}

/** RTPROT_* of linux/rtnetlink.h by the names `ip` has built in. */
const protocols: ReadonlyMap<number, string> = new Map([
  [1, 'redirect'],
  [8, 'gated'],
  [9, 'ra'],
  [10, 'mrt'],
  [11, 'zebra'],
  [12, 'bird'],
  [13, 'dnrouted'],
  [14, 'xorp'],
  [15, 'ntk'],
  [16, 'dhcp'],
  [18, 'keepalived'],
  [42, 'babel'],
  [186, 'bgp'],
  [187, 'isis'],
  [188, 'ospf'],
  [189, 'rip'],
  [192, 'eigrp'],
]);

/**
 * One line, without its end.
 *
 * @param isOneTable whether all routes that are shown are of one table, which then is not named
 */
export function formatRouteLine(route: Route, names: RouteNames, isOneTable: boolean): string {
  const { type = 'unicast', destination, gateway, link, table = mainTable, protocol, scope, source, metric } = route;
  const words: (string | number)[] = type === 'unicast' ? [] : [type];
  if (destination === 'default') words.push('default');
  else words.push(destination.length === 32 ? destination.address : `${destination.address}/${destination.length}`);
  if (gateway !== undefined) words.push('via', gateway);
  if (link !== undefined) words.push('dev', names.link(link));
  if (table !== mainTable && !isOneTable) words.push('table', names.table(table));
  if (protocol !== undefined && protocol !== 'boot') words.push('proto', protocolName(protocol));
  if (scope !== undefined && scope !== 'global') words.push('scope', scope);
  if (source !== undefined) words.push('src', source);
  if (metric !== undefined) words.push('metric', metric);
  if (route.onlink === true) words.push('onlink');
  if (route.linkDown === true) words.push('linkdown');
  if (route.mtu !== undefined) words.push('mtu', route.mtu);
  return `${words.join(' ')} `;
}

function protocolName(protocol: Exclude<Route['protocol'], undefined>): string {
  return typeof protocol === 'string' ? protocol : (protocols.get(protocol) ?? String(protocol));
}
