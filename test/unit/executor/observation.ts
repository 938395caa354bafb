import { Buffer } from 'node:buffer';
import type { Step } from '../../../src/executor/converge.js';
import type { Observed } from '../../../src/executor/observed.js';
import type { Operation } from '../../../src/kernel/operation.js';
import type { Link } from '../../../src/kernel/route/link.js';
import type { Route } from '../../../src/kernel/route/route.js';

/** A link as the kernel reports it; up and a veth unless said otherwise. */
export function link(name: string, index: number, changed: Partial<Link> = {}): Link {
  return {
    index,
    name,
    up: true,
    flags: 1,
    mtu: 1500,
    address: undefined,
    master: undefined,
    group: 0,
    kind: 'veth',
    vlan: undefined,
    parent: undefined,
    parentNamespaceId: undefined,
    ...changed,
  } as Link;
}

export interface Given {
  readonly host?: readonly Link[];
  readonly inside?: readonly Link[];
  /** `link-index address/prefix` */
  readonly addresses?: readonly string[];
  readonly hostRoutes?: Readonly<Record<string, number>>;
  readonly foreign?: Readonly<Record<string, string>>;
  readonly defaultRoute?: { readonly gateway: string; readonly link: number; readonly metric?: number };
}

export function observed({
  host = [],
  inside = [],
  addresses = [],
  hostRoutes = {},
  foreign = {},
  defaultRoute,
}: Given): Observed {
  const routes: Route[] =
    defaultRoute === undefined ? [] : [{ object: 'route', destination: 'default', type: 'unicast', ...defaultRoute }];
  return {
    host: new Map(host.map((one) => [one.name, one])),
    inside: new Map(inside.map((one) => [one.name, one])),
    addresses: addresses.map((text) => {
      const [, index = '', address = '', prefix = ''] = /^(\d+) (.+)\/(\d+)$/.exec(text) ?? [];
      return { object: 'address', link: Number(index), address, prefix: Number(prefix) };
    }),
    hostRoutes: new Map(Object.entries(hostRoutes)),
    foreign: new Map(Object.entries(foreign)),
    defaultRoutes: routes,
  };
}

/** An operation in words, with what it changes of a link. */
export function wordsOf({ verb, subject, body }: Operation): string {
  if (verb !== 'change' && !/^link .*\((bridge|veth|vlan)\)$/.test(subject)) return `${verb} ${subject}`;
  const { flags, change, master, group, namespaceDescriptor, info } = body as {
    flags?: number;
    change?: number;
    master?: number;
    group?: number;
    namespaceDescriptor?: number;
    info?: { data?: object };
  };
  const parts = [
    change === undefined ? '' : flags === 0 ? 'down' : 'up',
    master === undefined ? '' : `master ${master}`,
    group === undefined ? '' : `group ${group}`,
    namespaceDescriptor === undefined ? '' : `to namespace ${namespaceDescriptor}`,
    info?.data === undefined ? '' : asText(info.data),
  ];
  return [`${verb} ${subject}`, ...parts.filter((part) => part !== '')].join(', ');
}

function asText(data: object): string {
  return JSON.stringify(data, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ).replaceAll('"', '');
}

/** Steps in words, one line each: `where: operation ← what takes it back`. */
export function lines(steps: readonly Step[]): string[] {
  return steps.map(({ where, operation, undo = [], undoWhere = where }) => {
    const back = undo.map((one) => (undoWhere === where ? '' : `${undoWhere}: `) + wordsOf(one)).join('; ');
    return `${where}: ${wordsOf(operation)}${back === '' ? '' : ` ← ${back}`}`;
  });
}
