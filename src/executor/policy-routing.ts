/** Routes and rules of a namespace, as custom actions change and list them. */

import { CommandError } from '../commands/command-error.js';
import type { ChangeRoute, ChangeRule, ListRouting } from '../contract/custom-action.js';
import { formatPolicyRule } from '../format/policy-rule.js';
import { formatRouteLine } from '../format/route.js';
import { RouteTransaction } from '../kernel/route/transaction.js';
import { noPolicyRouting, type PolicyRouting } from '../model/policy-routing.js';
import { formatRoute } from '../model/route-grammar.js';
import type { TableNames, TableReference } from '../model/table-names.js';
import type { Step } from './converge.js';
import type { Place } from './execute.js';
import type { RouteAccess } from './kernel.js';
import {
  addRouteSteps,
  addRuleSteps,
  deleteRouteSteps,
  deleteRuleSteps,
  findStored,
  findStoredRule,
  isSamePlace,
  kernelRoute,
  type LinkIndexes,
} from './policy-steps.js';
import type { Session } from './session.js';

/** RT_TABLE_LOCAL of linux/rtnetlink.h: the namespace's own addresses. */
const localTable = 255;

/** What a change comes down to. */
interface PlannedChange {
  readonly steps: readonly Step[];
  /** What is to be known of policy routing afterwards. */
  readonly routing: PolicyRouting;
}

/** pbr-add-route, pbr-delete-route. @throws CommandError for a table nobody has named, the table local, or a link that is not there */
export async function planRoute(
  { action, table, route }: ChangeRoute,
  names: TableNames,
  stored: PolicyRouting,
  { route: socket }: Session,
): Promise<PlannedChange> {
  const wanted = { table: tableOf(action, table, names), route };
  if (wanted.table === localTable) {
    throw new CommandError(`custom-action: ${action}: table local is the kernel's own; expected another table`);
  }
  const [routes, links] = await Promise.all([
    socket.routes({ family: 'inet', table: wanted.table }),
    linkIndexes(socket),
  ]);
  if (action === 'pbr-add-route') {
    return { steps: addRouteSteps(wanted, routes, links).steps, routing: stored.withRoute(wanted) };
  }
  const { steps, entry } = deleteRouteSteps(wanted, routes, links);
  const known = entry ?? findStored(wanted, stored.routes);
  return { steps, routing: known === undefined ? stored : stored.withoutRoute(known) };
}

/** pbr-add-rule, pbr-delete-rule. @throws CommandError for a table nobody has named, or a rule of the kernel's own */
export async function planRule(
  { action, table, rule }: ChangeRule,
  names: TableNames,
  stored: PolicyRouting,
  { route: socket }: Session,
): Promise<PlannedChange> {
  const wanted = { table: tableOf(action, table, names), rule };
  const rules = await socket.rules('inet');
  if (action === 'pbr-add-rule') {
    const { steps, entry } = addRuleSteps(wanted, rules);
    return { steps, routing: entry === undefined ? stored : stored.withRule(entry) };
  }
  const { steps, entry } = deleteRuleSteps(wanted, rules);
  const known = entry ?? findStoredRule(wanted, stored.rules);
  return { steps, routing: known === undefined ? stored : stored.withoutRule(known) };
}

/** The lines of routes or rules of one table or of all, as `ip` shows them. @throws CommandError for a table nobody has named */
export async function listRouting(
  { action, table }: ListRouting,
  names: TableNames,
  session: Session,
): Promise<string[]> {
  const id = table === undefined ? undefined : tableOf(action, table, names);
  return action === 'pbr-list-routes' ? listRoutes(session.route, names, id) : listRules(session.route, names, id);
}

/** The lines of IPv4 routes. */
export async function listRoutes(socket: RouteAccess, names: TableNames, table: number | undefined): Promise<string[]> {
  const [routes, links] = await Promise.all([
    socket.routes({ family: 'inet', ...(table === undefined ? {} : { table }) }),
    socket.links(),
  ]);
  const linkNames = new Map(links.map(({ index, name }) => [index, name]));
  const routeNames = {
    link: (index: number) => linkNames.get(index) ?? `if${index}`,
    table: (number: number) => names.nameOf(number),
  };
  return routes.map((route) => formatRouteLine(route, routeNames, table !== undefined));
}

/** The lines of IPv4 rules, in the order they are asked. */
export async function listRules(socket: RouteAccess, names: TableNames, table: number | undefined): Promise<string[]> {
  const rules = (await socket.rules('inet')).filter((rule) => table === undefined || rule.table === table);
  return rules.map((rule) => formatPolicyRule(rule, (id) => names.nameOf(id)));
}

/**
 * Brings back what was asked for and is not in the kernel: after the host's start, or with a link that was made anew. What cannot be brought
 * back, perhaps because its link is not there yet, is only reported.
 */
export async function restorePolicyRouting({ domain, report }: Place, { namespace, route }: Session): Promise<void> {
  const stored = storedRouting(domain);
  if (stored.text === '') return;
  const complain = (problem: string) => report(`policy routing of ${namespace}: ${problem}`);
  try {
    await restore(stored, route, complain);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
}

async function restore(stored: PolicyRouting, socket: RouteAccess, complain: (problem: string) => void): Promise<void> {
  const [routes, rules, links] = await Promise.all([
    socket.routes({ family: 'inet' }),
    socket.rules('inet'),
    linkIndexes(socket),
  ]);
  const steps: Step[] = [];
  for (const wanted of stored.routes) {
    try {
      const route = kernelRoute(wanted, links);
      if (!routes.some((known) => isSamePlace(known, route))) steps.push(...addRouteSteps(wanted, routes, links).steps);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      complain(`${formatRoute(wanted.route)}: ${error.message}`);
    }
  }
  for (const wanted of stored.rules) steps.push(...addRuleSteps(wanted, rules).steps);
  if (steps.length === 0) return;
  for (const failure of await socket.attempt(RouteTransaction.of(steps.map(({ operation }) => operation)))) {
    if (failure.code !== 'EEXIST') complain(failure.message);
  }
}

/** What custom actions have asked for in a domain. */
export function storedRouting(domain: Place['domain']): PolicyRouting {
  return domain.policyRouting.get(domain.id.id) ?? noPolicyRouting;
}

function tableOf(action: string, table: TableReference, names: TableNames): number {
  const id = names.idOf(table);
  // 0 is no table (RT_TABLE_UNSPEC), although `ip` has a name for it.
  if (id !== undefined && id !== 0) return id;
  const name = 'name' in table ? table.name : String(table.id);
  throw new CommandError(
    `custom-action: ${action}: table "${name}" has no number; expected pbr-create-table first, or a number`,
  );
}

async function linkIndexes(socket: RouteAccess): Promise<LinkIndexes> {
  return new Map((await socket.links()).map(({ name, index }) => [name, index]));
}
