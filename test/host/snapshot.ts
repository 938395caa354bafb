import type { TestHost } from './host.js';
import type { Link, Route } from './ip-json.js';
import type { Machine } from './machine.js';
import { canonicalRuleset } from './ruleset.js';

/** What of a namespace counts as changed when it differs: text lines, so that a failing comparison reads well. */
interface NamespaceSnapshot {
  readonly links: readonly string[];
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly routes: readonly string[];
  readonly ruleset: readonly string[];
  readonly forwarding: string;
}

export interface HostSnapshot {
  readonly namespaces: Readonly<Record<string, NamespaceSnapshot>>;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Everything a command may change on a host: links, addresses, routes, rules, files. Counters, timers, indexes, hardware
 * addresses, the log and lock files are left out: they may differ although nothing was changed.
 */
export async function takeSnapshot(host: TestHost): Promise<HostSnapshot> {
  const tree = await host.tree('/var/lib/cloudstack', '/etc/cloudstack', '/etc/netns', '/etc/iproute2', '/run/netns');
  const names = Object.keys(tree).flatMap((path) => /^\/run\/netns\/(.+)$/.exec(path)?.[1] ?? []);
  const machines = [host.self, ...names.map((name) => host.inside(name))];
  const namespaces = await Promise.all(
    machines.map(async (machine) => [machine.name, await ofNamespace(machine)] as const),
  );
  const files = Object.entries(tree)
    .filter(([path]) => !/\/lock-[^/]*$/.test(path))
    .map(([path, entry]) => [path, `${entry.kind} ${entry.mode.toString(8)} ${entry.content ?? ''}`.trim()] as const);
  return { namespaces: Object.fromEntries(namespaces), files: Object.fromEntries(files) };
}

async function ofNamespace(machine: Machine): Promise<NamespaceSnapshot> {
  const [{ links, addresses, routes }, ruleset, forwarding] = await Promise.all([
    machine.everything(),
    machine.output('nft', '--json', '--stateless', 'list', 'ruleset'),
    machine.sysctl('net.ipv4.ip_forward'),
  ]);
  return {
    links: links.map(describeLink).sort(),
    addresses: Object.fromEntries(Object.entries(addresses).map(([name, list]) => [name, [...list].sort()])),
    routes: routes.map(describeRoute).sort(),
    ruleset: canonicalRuleset(ruleset),
    forwarding,
  };
}

function describeLink(link: Link): string {
  const kind = link.linkinfo?.info_kind ?? '-';
  const state = link.flags.includes('UP') ? 'up' : 'down';
  return `${link.ifname} ${kind} ${state} master ${link.master ?? '-'} mtu ${link.mtu}`;
}

function describeRoute(route: Route): string {
  return `${route.type ?? 'unicast'} ${route.dst} via ${route.gateway ?? '-'} dev ${route.dev ?? '-'}`;
}
