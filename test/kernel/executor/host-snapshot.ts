import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { processOf } from '../../../src/services/process.js';
import { canonicalRuleset } from '../../host/ruleset.js';

/** Everything a command may change on a host, as lines of text. */
export interface Snapshot {
  /** With what only a thing that was never touched keeps: indexes and hardware addresses. */
  readonly exact: readonly string[];
  /** Without: equal for two hosts that were made the same way. */
  readonly plain: readonly string[];
}

interface Link {
  ifname: string;
  ifindex: number;
  flags: string[];
  mtu: number;
  master?: string;
  group?: string;
  address?: string;
  link_netnsid?: number;
  link?: string;
  linkinfo?: { info_kind?: string };
}
interface Addresses {
  ifname: string;
  addr_info: { local?: string; prefixlen?: number; scope?: string; secondary?: boolean; broadcast?: string }[];
}
type Route = Record<string, unknown>;

const sysctls = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.promote_secondaries'];
const sysctls6 = [
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv6.conf.default.disable_ipv6',
  'net.ipv6.conf.all.forwarding',
];
/** Of each link, as file names. */
const linkSysctls = ['disable_ipv6', 'accept_ra', 'accept_dad', 'forwarding'];
const separator = '\u0001';
const script = [
  'ip -j -d link',
  'ip -j -4 addr',
  // Link-local addresses follow from hardware addresses.
  'ip -j -6 addr show scope global',
  'ip -j -4 route show table all',
  'ip -j -6 route show',
  'nft -j -s list ruleset',
  'ip -4 rule show',
  `sysctl ${[...sysctls, ...sysctls6].join(' ')}; grep -H '' ${linkSysctls.map((name) => `/proc/sys/net/ipv6/conf/*/${name}`).join(' ')}`,
  // Without timers, counters and the ports, which the kernel chooses.
  "conntrack -L 2>/dev/null | sed 's/^\\([a-z]*\\) *[0-9]* *[0-9]* /\\1 /; s/packets=[0-9]* bytes=[0-9]* //g; s/ use=.*//; s/[sd]port=[0-9]* //g'",
].join(`; printf '${separator}'; `);

/** `ip -j` prints nothing for an empty list, and {} for what it leaves out. */
function listOf<T extends object>(text: string): T[] {
  const list = text.trim() === '' ? [] : (JSON.parse(text) as T[]);
  return list.filter((one) => Object.keys(one).length > 0);
}

/** One process for each namespace. */
function ofNamespace(name: string | undefined): { line: string; exact: string }[] {
  const argv = name === undefined ? [] : ['nsenter', `--net=/run/netns/${name}`];
  const [program = '', ...rest] = [...argv, 'sh', '-c', script];
  const output = execFileSync(program, rest, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [
    links = '',
    addresses = '',
    ipv6Addresses = '',
    routes = '',
    ipv6Routes = '',
    ruleset = '',
    rules = '',
    settings = '',
    connections = '',
  ] = output.split(separator);
  const lines: { line: string; exact: string }[] = [];
  const add = (line: string, exact = '') => lines.push({ line: `${name ?? 'host'}: ${line}`, exact });
  for (const link of JSON.parse(links) as Link[]) {
    const kind = link.linkinfo?.info_kind ?? '-';
    const state = link.flags.includes('UP') ? 'up' : 'down';
    const where = link.link_netnsid === undefined ? 'here' : 'elsewhere';
    add(
      `link ${link.ifname} ${kind} ${state} master ${link.master ?? '-'} group ${link.group} mtu ${link.mtu} peer ${where}`,
      // A bridge takes its address from its ports.
      `index ${link.ifindex} ${kind === 'bridge' ? '' : link.address}`,
    );
  }
  // In the kernel's order: the first of a range is the one the namespace speaks with.
  for (const { ifname, addr_info: list } of [addresses, ipv6Addresses].flatMap(listOf<Addresses>)) {
    for (const [position, one] of list.entries()) {
      add(
        `address ${ifname} #${position} ${one.local}/${one.prefixlen} ${one.scope} ${one.secondary === true ? 'secondary' : ''} ${one.broadcast ?? ''}`,
      );
    }
  }
  for (const route of [routes, ipv6Routes].flatMap(listOf<Route>)) {
    const { flags: _, ...rest } = route;
    add(`route ${JSON.stringify(rest, Object.keys(rest).sort())}`);
  }
  for (const line of rules.trim().split('\n')) add(`rule ${line}`);
  // The order of rules means something.
  for (const [position, line] of canonicalRuleset(ruleset).entries()) {
    // What a named counter has counted is not what it is.
    const text = line.startsWith('counter ') ? line.replace(/"(packets|bytes)":[0-9]+/g, '"$1":0') : line;
    add(text.startsWith('rule ') ? `nft #${position} ${text}` : `nft ${text}`);
  }
  for (const line of settings.trim().split('\n')) add(`sysctl ${line}`);
  // haproxy looks after its guests by TCP, whenever it likes.
  for (const line of connections.trim().split('\n')) if (!/^(?:tcp |$)/.test(line)) add(`connection ${line}`);
  return lines;
}

function filesBelow(directory: string, prefix = ''): string[] {
  let names: string[];
  try {
    // Trees that were moved out of sight go in their own time; they are nobody's state any more.
    names = readdirSync(directory)
      .filter((name) => !name.startsWith('.removed-'))
      .sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = `${directory}/${name}`;
    const { mode } = lstatSync(path);
    const relative = `${prefix}${name}`;
    if (prefix === '' && /^(?:lock-|ballast$)/.test(name)) return [];
    const line = `file ${relative} ${mode.toString(8)}`;
    if (lstatSync(path).isDirectory()) return [line, ...filesBelow(path, `${relative}/`)];
    if (lstatSync(path).isSocket()) return [line];
    if (/\.(?:pid|process)$/.test(name)) {
      // Each process has another number; what counts is whether it is there.
      const isThere = processOf(Number.parseInt(readFileSync(path, 'utf8'), 10)) !== undefined;
      return isThere ? [line] : [];
    }
    return [`${line} ${JSON.stringify(readFileSync(path, 'utf8'))}`];
  });
}

/** Lock files are left out: a command that fails may leave one behind. */
export function takeSnapshot(stateRoot: string): Snapshot {
  let namespaces: string[] = [];
  try {
    namespaces = readdirSync('/run/netns').sort();
  } catch {
    // No namespace was made yet.
  }
  const found = [undefined, ...namespaces].flatMap((name) => {
    // A plain file that a crash left is no namespace.
    if (name !== undefined && lstatSync(`/run/netns/${name}`).ino < 4026531840)
      return [{ line: `${name}: plain file`, exact: '' }];
    return ofNamespace(name);
  });
  const files = [...filesBelow(stateRoot), ...filesBelow('/etc/netns', 'etc/netns/')];
  return {
    exact: [...found.map(({ line, exact }) => `${line} ${exact}`), ...files].sort(),
    plain: [...found.map(({ line }) => line), ...files].sort(),
  };
}

/** Lines that are in only one of two lists: `-` the first, `+` the second. */
export function difference(before: readonly string[], after: readonly string[]): string[] {
  const old = new Set(before);
  const now = new Set(after);
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
