/** What a command would do, as text: the plan in comments, the ruleset in nft's own syntax. Nothing is touched. */

import type { Links, Plan, PlannedAction } from '../commands/plan.js';
import type { Command } from '../contract/command.js';
import { applyAndCompile, compileAll } from '../dataplane/compile.js';
import { ipv6Table, table } from '../dataplane/tables.js';
import { formatTransaction } from '../format/nft/index.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import type { Table } from '../kernel/nft/table.js';
import { applyChange } from '../model/change.js';
import { allEdits } from '../state/all-edits.js';
import type { FileEdit } from '../state/file-edit.js';
import type { Place } from './execute.js';

/**
 * Previews a plan on a place of its own: the domain is changed as if the plan had been carried out.
 *
 * @returns lines; those with `#` are the plan, the others can be given to `nft -c -f`
 */
export async function previewPlan(command: Command, plan: Plan, place: Place): Promise<string> {
  const { domain } = place;
  const lines: string[] = [];
  const say = (line: string) => lines.push(`# ${line}`);
  say(`${command.name} in namespace ${domain.namespace}${namespaceWords(plan, domain.present)}`);
  for (const line of linkLines(plan.links)) say(line);
  const root = place.state.root;
  const edits = allEdits(domain, plan, root);
  for (const edit of edits) for (const line of editLines(edit, root)) say(`file: ${line}`);
  for (const { service, networkId } of plan.services)
    say(`service: ${service} of network ${networkId} follows its files`);
  for (const filter of plan.endConnections) say(`connections: end those ${connectionWords(filter)}`);
  if (plan.action !== undefined) say(`action: ${actionWords(plan.action)}`);
  if (plan.hook !== undefined) say(`hook: ${place.state.root}/hooks/custom-action-${plan.hook.name}.sh`);
  if (plan.removesTableNames) say('names of routing tables go');
  if (plan.endsRefusedConnections) say('connections: end those that the new rules do not let through');
  for (const { link, address } of plan.announcements) say(`announce: ${address} on ${link}`);
  for (const note of plan.notes) say(`note: ${note}`);

  const ruleset = await rulesetText(plan, place);
  if (ruleset === '') say('ruleset: nothing changes');
  else say('ruleset, in nft syntax:');
  return `${lines.join('\n')}\n${ruleset}`;
}

/** What an edit does; contents can be secrets. */
function editLines(edit: FileEdit, root: string): string[] {
  const place = `${root}/${edit.path}`;
  if (!('guests' in edit)) return [`${editVerb(edit)} ${place}`];
  const how = edit.packed ? ', or in the pack beside it' : '';
  return edit.guests.map(({ guestIp, files, isForgotten }) =>
    isForgotten === true
      ? `remove what ${guestIp} is told in ${place}, and in the pack`
      : `write what ${guestIp} is told (${files.map(({ path }) => path).join(', ')}) in ${place}${how}; nothing of a former guest stays`,
  );
}

function editVerb(edit: Exclude<FileEdit, { readonly guests: unknown }>): string {
  if ('content' in edit) return 'write';
  if ('removeTree' in edit) return 'remove directory';
  if (!('lines' in edit)) return 'remove';
  const [first, ...others] = edit.lines;
  const verb = [first, ...others].every((line) => line?.value === undefined) ? 'remove' : 'write';
  return others.length === 0
    ? `${verb} the line of ${first?.key} in`
    : `${verb} the lines of ${edit.lines.length} guests in`;
}

/** What an action is about, as its answer says it. */
function actionWords(action: PlannedAction): string {
  if ('routeText' in action) return `${action.action} table=${action.tableText} route=${action.routeText}`;
  if ('ruleText' in action) return `${action.action} table=${action.tableText} rule=${action.ruleText}`;
  if (action.action === 'reboot-device') return `${action.action}: ${action.hostEnd} goes down and up`;
  if (action.action === 'pbr-create-table' || action.action === 'pbr-delete-table') {
    return `${action.action} id=${action.table.id ?? 'n/a'} name=${action.table.name ?? 'n/a'}`;
  }
  return action.action;
}

function namespaceWords({ namespace }: Plan, isPresent: boolean): string {
  if (namespace === 'remove') return isPresent ? ', which is deleted with everything inside' : ', which is not there';
  if (isPresent) return '';
  return namespace === 'ensure' ? ', which is made' : ', which is not there';
}

function linkLines(links: Links): string[] {
  const { defaultRoute } = links;
  return [
    ...links.bridges.map(({ bridge, port }) => `link: bridge ${bridge} with port ${port}`),
    ...links.pairs.map(({ host, inside, bridge }) => `link: pair ${host} in ${bridge}, ${inside} in the namespace`),
    ...links.removedPairs.map((host) => `link: pair ${host} goes, if it is ours`),
    ...links.addresses.map(({ address, prefix, link }) => `address: ${address}/${prefix} on ${link}`),
    ...links.ipv6Links.map((link) => `sysctl: IPv6 on ${link}`),
    ...links.removedAddresses.map(({ address, prefix, link }) => `address: ${address}/${prefix} on ${link} goes`),
    ...links.hostRoutes.map(({ address, link }) => `route on the host: ${address} dev ${link}`),
    ...links.removedHostRoutes.map(({ address, link }) => `route on the host: ${address} dev ${link} goes`),
    ...(defaultRoute === undefined ? [] : [defaultRouteLine(defaultRoute)]),
  ];
}

function defaultRouteLine({ candidates, keep }: Exclude<Links['defaultRoute'], undefined>): string {
  const [first] = candidates;
  if (first === undefined) return 'route: no default route';
  const unless = keep && candidates.length > 1 ? ', unless it is another of ours already' : '';
  return `route: default via ${first.gateway} dev ${first.link}${unless}`;
}

function connectionWords({ original, reply, destinationPorts }: ConnectionFilter): string {
  const part = (name: string, tuple: object | undefined) =>
    tuple === undefined ? [] : Object.entries(tuple).map(([field, value]) => `${name} ${field} ${value}`);
  const ports = destinationPorts === undefined ? [] : [`ports ${destinationPorts.first}-${destinationPorts.last}`];
  return [...part('original', original), ...part('reply', reply), ...ports].join(', ');
}

/** The whole table when it is not there yet, else what changes in it. */
async function rulesetText(plan: Plan, { domain, session }: Place): Promise<string> {
  const there = session === undefined ? [] : await session.netfilter.tables();
  const has = ({ family, name }: Table) => there.some((one) => one.family === family && one.name === name);
  const isThere = has(table);
  if (isThere && plan.namespace !== 'remove') return formatTransaction(applyAndCompile(domain, plan.changes));
  for (const change of plan.changes) applyChange(domain, change);
  const needed = plan.namespace === 'ensure' || (session !== undefined && plan.namespace === 'expect');
  return needed ? formatTransaction(compileAll(domain, has(ipv6Table))) : '';
}
