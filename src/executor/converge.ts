/**
 * From what is there to what a plan wants, one round at a time. Pure: a round is everything that can be done with the indexes
 * known so far; links made in one round are known in the next. A complete network needs no operation, a half-built one only what it
 * lacks.
 */

import { isIPv6 } from 'node:net';
import { CommandError } from '../commands/command-error.js';
import type { HostBridge, Links, VethPair } from '../commands/plan.js';
import type { Operation } from '../kernel/operation.js';
import { addAddress, deleteAddress } from '../kernel/route/address.js';
import { addLink, changeLink, deleteLink, type Link } from '../kernel/route/link.js';
import { deleteRoute, type Route, replaceRoute } from '../kernel/route/route.js';
import { cidrContains } from '../model/address.js';
import type { InsideLink, Observed } from './observed.js';

/** One operation of a round. */
export interface Step {
  readonly where: 'host' | 'inside';
  readonly operation: Operation;
  /** What takes it back, in order; absent when nothing needs to be taken back, or nothing can be. */
  readonly undo?: readonly Operation[];
  /** Where it is taken back; `where` when absent. */
  readonly undoWhere?: Step['where'];
  /** The link that it makes on the host. */
  readonly makes?: string;
  /** The link on the host that it changes, moves or deletes. */
  readonly changes?: string;
  /** The link that other networks use, too: once another command has counted on it, the step is not taken back. */
  readonly shared?: string;
  /** Errors that mean it is as wanted already. */
  readonly tolerate?: readonly string[];
}

/** What a round is made from. */
export interface Round {
  readonly links: Links;
  readonly observed: Observed;
  /** Open descriptor of the namespace. */
  readonly namespaceDescriptor: number;
  /** Open descriptor of the host's own namespace. */
  readonly hostDescriptor: number;
  readonly namespace: string;
}

/** What is to be done in a round; `last` when nothing is left to do after it. */
export interface NextSteps {
  readonly steps: readonly Step[];
  readonly last: boolean;
}

/** The next steps towards what is to be present. */
export function nextSteps(round: Round): NextSteps {
  const { links, observed } = round;
  const host = withoutRepeats([
    ...links.bridges.flatMap((bridge) => bridgeSteps(bridge, observed)),
    ...links.pairs.flatMap((pair) => pairSteps(pair, round)),
  ]);
  return host.length > 0 ? { steps: host, last: false } : { steps: insideSteps(links, observed), last: true };
}

/** Two VLANs of one device, or a guest and a public side on one VLAN, ask for the same. */
function withoutRepeats(steps: readonly Step[]): Step[] {
  const keyOf = ({ where, operation }: Step) => `${where} ${operation.message} ${JSON.stringify(operation.body)}`;
  return [...new Map(steps.map((step) => [keyOf(step), step])).values()];
}

/** The steps that take away addresses and routes; pairs are not among them (see `deletePairs`). */
export function removalSteps(links: Links, observed: Observed): Step[] {
  const steps: Step[] = [];
  for (const { link, address, prefix } of links.removedAddresses) {
    const index = observed.inside.get(link)?.index;
    const found = observed.addresses.find(
      (one) => one.link === index && one.address === address && one.prefix === prefix,
    );
    if (found === undefined) continue;
    const own = observed.addresses.filter((one) => one.link === index && isIPv6(one.address) === isIPv6(address));
    const position = own.indexOf(found);
    steps.push({
      where: 'inside',
      operation: deleteAddress(found),
      // The order of a link's addresses means something: the first of a range is the one the namespace itself speaks with.
      undo: [
        addAddress(found),
        ...own.slice(position + 1).flatMap((later) => [deleteAddress(later), addAddress(later)]),
      ],
    });
  }
  for (const { link, address } of links.removedHostRoutes) {
    const index = observed.host.get(link)?.index;
    if (index === undefined) continue;
    const route = hostRoute(address, index);
    steps.push({
      where: 'host',
      operation: deleteRoute(route),
      undo: [replaceRoute(route)],
      tolerate: ['ESRCH'],
    });
  }
  return steps;
}

function bridgeSteps(wanted: HostBridge, { host }: Observed): Step[] {
  const steps: Step[] = [];
  const bridge = host.get(wanted.bridge);
  const port = host.get(wanted.port);
  const device = host.get(wanted.device);
  if (bridge === undefined) {
    steps.push({
      where: 'host',
      operation: addLink({
        object: 'link',
        name: wanted.bridge,
        kind: { kind: 'bridge', stpState: 0, forwardDelay: 0 },
        up: true,
      }),
      undo: [deleteLink({ object: 'link', name: wanted.bridge })],
      makes: wanted.bridge,
      shared: wanted.bridge,
      // Another network that uses it has just made it; the next round completes it.
      tolerate: ['EEXIST'],
    });
  } else {
    if (bridge.kind !== 'bridge')
      throw new CommandError(`link ${wanted.bridge} is no bridge; expected a bridge or no such link`);
    steps.push(...shared(wanted.bridge, hostUp(bridge)));
  }
  if (port === undefined) {
    if (device === undefined) {
      throw new CommandError(
        `${wanted.detail} "${wanted.device}": no such device on this host; expected a network device`,
      );
    }
    steps.push(...shared(wanted.device, hostUp(device)));
    steps.push({
      where: 'host',
      operation: addLink({
        object: 'link',
        name: wanted.port,
        kind: { kind: 'vlan', id: wanted.vlan as number, parent: device.index },
        ...(bridge === undefined ? {} : { master: bridge.index }),
        up: true,
      }),
      undo: [deleteLink({ object: 'link', name: wanted.port })],
      makes: wanted.port,
      shared: wanted.bridge,
      tolerate: ['EEXIST'],
    });
    return steps;
  }
  if (wanted.port !== wanted.device && device !== undefined && port.kind === 'vlan') {
    steps.push(...shared(wanted.device, hostUp(device)));
  }
  steps.push(...shared(wanted.bridge, hostUp(port)));
  if (bridge !== undefined) steps.push(...shared(wanted.bridge, intoBridge(port, bridge)));
  return steps;
}

/** The links of a plan that other networks use, too. */
export function sharedLinks({ bridges }: Links): string[] {
  return [...new Set(bridges.flatMap(({ bridge, device }) => [bridge, device]))];
}

function shared(link: string, steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, shared: link }));
}

function pairSteps(pair: VethPair, round: Round): Step[] {
  const { observed, namespaceDescriptor, namespace } = round;
  const { host, inside } = observed;
  const bridge = host.get(pair.bridge);
  if (bridge === undefined) return [];
  const end = host.get(pair.host);
  const other = inside.get(pair.inside);
  if (end === undefined) {
    const make: Step = {
      where: 'host',
      operation: addLink({
        object: 'link',
        name: pair.host,
        kind: { kind: 'veth', peer: { name: pair.inside, namespaceDescriptor } },
        master: bridge.index,
        up: true,
      }),
      undo: [deleteLink({ object: 'link', name: pair.host })],
      makes: pair.host,
    };
    // A link of that name in the namespace has lost its host end: it carries nothing. Deleting it is not taken back.
    return other === undefined
      ? [make]
      : [{ where: 'inside', operation: deleteLink({ object: 'link', index: other.index }) }];
  }
  const attach = [...hostUp(end), ...intoBridge(end, bridge)];
  if (other !== undefined && end.parent === other.index) return attach;

  // The other end was never moved: a half-built pair.
  const stray = host.get(pair.inside);
  if (stray !== undefined && stray.index === end.parent && other === undefined) {
    return [...moveInside(stray, round), ...attach];
  }
  const owner = observed.foreign.get(pair.host);
  if (owner !== undefined && owner !== namespace) {
    const cut = pair.form === 'plain' ? '' : ' (its name was cut to the 15 characters an interface name can have)';
    throw new CommandError(
      `link ${pair.host}${cut} belongs to namespace ${owner}; expected it to lead to ${namespace}`,
    );
  }
  // Both ends went apart, for instance because the namespace was deleted and made anew by hand. Not taken back either.
  const operation = deleteLink({ object: 'link', index: end.index });
  return [{ where: 'host', operation, changes: end.name, tolerate: ['ENODEV'] }];
}

/**
 * Moves a link from the host into the namespace. It would arrive down and out of its bridge whatever it was, so it is made so first, in
 * a round of its own: then it can be taken back.
 */
function moveInside(stray: Link, { namespaceDescriptor, hostDescriptor }: Round): Step[] {
  const reference = { object: 'link', index: stray.index } as const;
  const before = (change: { up?: boolean; master?: number }, undo: { up?: boolean; master?: number }): Step => ({
    where: 'host',
    operation: changeLink({ ...reference, ...change }),
    undo: [changeLink({ ...reference, ...undo })],
    changes: stray.name,
  });
  const { master } = stray;
  if (stray.up || master !== undefined) {
    return [
      ...(master === undefined ? [] : [before({ master: 0 }, { master })]),
      ...(stray.up ? [before({ up: false }, { up: true })] : []),
    ];
  }
  return [
    {
      where: 'host',
      operation: changeLink({ ...reference, namespaceDescriptor }),
      undo: [changeLink({ object: 'link', name: stray.name, namespaceDescriptor: hostDescriptor })],
      undoWhere: 'inside',
      changes: stray.name,
    },
  ];
}

function up(link: InsideLink, where: Step['where']): Step[] {
  if (link.up) return [];
  const reference = { object: 'link', index: link.index } as const;
  return [
    { where, operation: changeLink({ ...reference, up: true }), undo: [changeLink({ ...reference, up: false })] },
  ];
}

function hostUp(link: Link): Step[] {
  return up(link, 'host').map((step) => ({ ...step, changes: link.name }));
}

/** The kernel gives the loopback its address when it first comes up, and leaves it there. */
function loopbackUp(loopback: InsideLink, { addresses }: Observed): Step[] {
  const own = { object: 'address', link: loopback.index, address: '127.0.0.1', prefix: 8 } as const;
  if (addresses.some(({ link, address }) => link === own.link && address === own.address))
    return up(loopback, 'inside');
  return up(loopback, 'inside').map((step) => ({ ...step, undo: [...(step.undo ?? []), deleteAddress(own)] }));
}

function intoBridge(port: Link, bridge: Link): Step[] {
  if (port.master === bridge.index) return [];
  if (port.master !== undefined) {
    throw new CommandError(
      `link ${port.name} is a port of another bridge (index ${port.master}); expected it in ${bridge.name} or in none`,
    );
  }
  const reference = { object: 'link', index: port.index } as const;
  return [
    {
      where: 'host',
      operation: changeLink({ ...reference, master: bridge.index }),
      undo: [changeLink({ ...reference, master: 0 })],
      changes: port.name,
    },
  ];
}

function insideSteps(links: Links, observed: Observed): Step[] {
  const { inside, host } = observed;
  const steps: Step[] = [];
  const loopback = inside.get('lo');
  if (loopback !== undefined) steps.push(...loopbackUp(loopback, observed));
  for (const pair of links.pairs) {
    const link = inside.get(pair.inside);
    if (link !== undefined) steps.push(...up(link, 'inside'));
  }
  for (const { link, address, prefix, label } of links.addresses) {
    const index = inside.get(link)?.index;
    if (index === undefined) continue;
    if (observed.addresses.some((one) => one.link === index && one.address === address && one.prefix === prefix))
      continue;
    const object = {
      object: 'address',
      link: index,
      address,
      prefix,
      ...(label === undefined ? {} : { label }),
    } as const;
    steps.push({ where: 'inside', operation: addAddress(object), undo: [deleteAddress(object)], tolerate: ['EEXIST'] });
  }
  steps.push(...defaultRouteSteps(links, observed));
  for (const { address, link } of links.hostRoutes) {
    const index = host.get(link)?.index;
    const current = observed.hostRoutes.get(address);
    if (index === undefined || current === index) continue;
    const route = hostRoute(address, index);
    const undo = current === undefined ? deleteRoute(route) : replaceRoute(hostRoute(address, current));
    steps.push({ where: 'host', operation: replaceRoute(route), undo: [undo] });
  }
  return steps;
}

/** Public address → its host end, on the host. */
function hostRoute(address: string, link: number): Route {
  return { object: 'route', destination: { address, length: 32 }, link };
}

function defaultRouteSteps({ defaultRoute, addresses }: Links, observed: Observed): Step[] {
  if (defaultRoute === undefined) return [];
  const known = defaultRoute.candidates.flatMap(({ gateway, link }) => {
    const index = observed.inside.get(link)?.index;
    return index === undefined ? [] : [{ gateway, link, index }];
  });
  const current = observed.defaultRoutes.find((route) => route.metric === undefined);
  const undo = (made: Route): Operation[] => [current === undefined ? deleteRoute(made) : replaceRoute(current)];
  const isCurrent = (one: { gateway: string; index: number }) =>
    current?.gateway === one.gateway && current.link === one.index;
  const [first] = known;
  if (first === undefined) {
    if (current === undefined) return [];
    return [{ where: 'inside', operation: deleteRoute(current), undo: [replaceRoute(current)], tolerate: ['ESRCH'] }];
  }
  if (isCurrent(first) || (defaultRoute.keep && known.some(isCurrent))) return [];
  const onLink = [
    ...addresses.filter((one) => one.link === first.link),
    ...observed.addresses.filter((one) => one.link === first.index),
  ].some((one) => cidrContains({ address: one.address, prefix: one.prefix }, first.gateway));
  const route: Route = {
    object: 'route',
    destination: 'default',
    gateway: first.gateway,
    link: first.index,
    // A public address without its range (CONTRACT §1.2: /32) can still have a gateway.
    ...(onLink ? {} : { onlink: true }),
  };
  return [{ where: 'inside', operation: replaceRoute(route), undo: undo(route) }];
}
