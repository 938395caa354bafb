/** A namespace with what belongs to it, for a human to read. Nothing is changed. */

import { guestHostEnd, publicHostEnd } from '../commands/place.js';
import { formatLink } from '../format/link.js';
import { formatRuleset, readRuleset } from '../format/nft/index.js';
import type { Link } from '../kernel/route/link.js';
import { describeState } from '../state/describe-state.js';
import { domainDirectory, networkDirectory } from '../state/layout.js';
import { linesText, ruleset, type TableText } from './answer.js';
import type { Place } from './execute.js';
import type { RouteAccess } from './kernel.js';
import { listRoutes, listRules } from './policy-routing.js';
import type { Session } from './session.js';
import { TableNamesFile } from './table-names.js';

/** What `describe` needs of a place. */
export type DescribedPlace = Pick<Place, 'domain' | 'state' | 'host' | 'session'>;

/**
 * Links, addresses, routes and rules of the namespace, the host's bridges it hangs on, the ruleset in nft's own syntax with its counters, and
 * the state: names of files, and the contents only of those that never hold a secret.
 */
export async function describe({ domain, state, host, session }: DescribedPlace): Promise<string> {
  const sections: [title: string, text: string][] = [];
  if (session === undefined) {
    sections.push([`Namespace: ${domain.namespace}`, '(not found)\n']);
  } else {
    const { route } = session;
    const names = await new TableNamesFile(domain.namespace).names();
    const [links, addresses] = await Promise.all([route.links(), route.addresses()]);
    sections.push(
      [`Namespace: ${domain.namespace}`, links.map((link) => formatLink(link, addresses, links)).join('')],
      ['Policy rules', linesText(await listRules(route, names, undefined))],
      ['Routes', linesText(await listRoutes(route, names, undefined))],
    );
    sections.push(...(await bridgeSections(domain, host)));
    sections.push(['Ruleset', ruleset(await tableTexts(session)).text]);
  }
  for (const id of domain.network.keys())
    sections.push(stateSection('Per-network state', state.root, networkDirectory(id)));
  if (domain.id.kind === 'vpc') sections.push(stateSection('VPC state', state.root, domainDirectory(domain.id)));
  return sections.map(([title, text]) => `=== ${title} ===\n${text === '' ? '(none)\n' : text}`).join('');
}

/** The tables of a namespace's ruleset, as `nft list ruleset` prints them. */
export async function tableTexts({ route, netfilter }: Pick<Session, 'route' | 'netfilter'>): Promise<TableText[]> {
  const [links, tables] = await Promise.all([route.links(), readRuleset(netfilter)]);
  const options = { names: true, links: new Map(links.map(({ index, name }) => [index, name])) };
  return tables.map((listing) => ({
    table: `${listing.table.family} ${listing.table.name}`,
    text: formatRuleset([listing], options),
  }));
}

/** The bridges on the host that the domain's links are ports of. */
async function bridgeSections(domain: Place['domain'], host: RouteAccess): Promise<[string, string][]> {
  const ends = new Set([
    ...[...domain.network.values()].flatMap(({ vlan }) => (vlan === undefined ? [] : [guestHostEnd(domain.id, vlan)])),
    ...[...domain.address.values()].map(({ vlan }) => publicHostEnd(domain.id, vlan)),
  ]);
  const links = await host.links();
  const masters = new Set(links.filter(({ name }) => ends.has(name)).flatMap(({ master }) => master ?? []));
  const text = (link: Link) => formatLink(link, [], links);
  return [...masters].flatMap((index): [string, string][] => {
    const bridge = links.find((link) => link.index === index);
    if (bridge === undefined) return [];
    const ports = links.filter(({ master }) => master === index);
    return [[`Host bridge: ${bridge.name}`, [bridge, ...ports].map(text).join('')]];
  });
}

function stateSection(title: string, root: string, directory: string): [string, string] {
  return [`${title} (${root}/${directory})`, describeState(root, directory)];
}
