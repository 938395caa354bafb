/** Policy routing: from what is there to the operations that are needed. Pure. */

import { CommandError } from '../commands/command-error.js';
import { NLM_F_CREATE, type Operation } from '../kernel/operation.js';
import { deleteRoute, type Prefix, type Route, replaceRoute } from '../kernel/route/route.js';
import { addRule, deleteRule, type PolicyRule } from '../kernel/route/rule.js';
import { networkOf } from '../model/address.js';
import {
  plainRule,
  type RouteSpecification,
  type RuleSpecification,
  type TableRoute,
  type TableRule,
} from '../model/policy-routing.js';
import { formatRule } from '../model/rule-grammar.js';
import type { Cidr } from '../model/values.js';
import type { Step } from './converge.js';

/** Indexes of the namespace's links by name. */
export type LinkIndexes = ReadonlyMap<string, number>;

/** What a change of routes or rules comes down to. */
export interface PolicyChange<Entry> {
  readonly steps: readonly Step[];
  /** What it is about, as it is in the kernel; undefined when a deletion found nothing. */
  readonly entry: Entry | undefined;
}

/** A route in the place of the one with its table, destination and metric. @throws CommandError when its link is not there. */
export function addRouteSteps(
  wanted: TableRoute,
  routes: readonly Route[],
  links: LinkIndexes,
): PolicyChange<TableRoute> {
  const route = kernelRoute(wanted, links);
  const current = routes.find((one) => isSamePlace(one, route));
  const undo = current === undefined ? deleteRoute(route) : replaceRoute(current);
  return { steps: [{ where: 'inside', operation: replaceRoute(route), undo: [undo] }], entry: wanted };
}

/** The first route that is as described; what is not given may be anything, as for `ip route del`. */
export function deleteRouteSteps(
  { table, route }: TableRoute,
  routes: readonly Route[],
  links: LinkIndexes,
): PolicyChange<TableRoute> {
  const index = route.link === undefined ? undefined : links.get(route.link);
  // A link that is not there has no routes.
  const found =
    route.link !== undefined && index === undefined
      ? undefined
      : routes.find((one) => one.table === table && fits(route, index, one));
  if (found === undefined) return { steps: [], entry: undefined };
  return {
    steps: [{ where: 'inside', operation: deleteRoute(found), undo: [replaceRoute(found)], tolerate: ['ESRCH'] }],
    entry: { table, route: placeOf(found) },
  };
}

/** The stored route a deletion is about when the kernel has it no more, because its link went. */
export function findStored({ table, route }: TableRoute, stored: readonly TableRoute[]): TableRoute | undefined {
  return stored.find(
    (known) =>
      known.table === table &&
      Object.entries(route).every(
        ([field, value]) => JSON.stringify(known.route[field as keyof RouteSpecification]) === JSON.stringify(value),
      ),
  );
}

/** A rule, unless an equal one is there: with its priority, or with any when none is given. */
export function addRuleSteps({ table, rule }: TableRule, rules: readonly PolicyRule[]): PolicyChange<TableRule> {
  const known = rules.find((one) => isEqual({ table, rule }, one));
  if (known !== undefined) return { steps: [], entry: { table, rule: { ...rule, priority: known.priority ?? 0 } } };
  // The kernel's own choice, made here so that it is known: just before the rule after the first.
  const priority = rule.priority ?? Math.max((rules[1]?.priority ?? 0) - 1, 0);
  const wanted = { table, rule: { ...plainRule(rule), priority } };
  const added = kernelRule(wanted);
  return {
    steps: [{ where: 'inside', operation: insertion(added), undo: removal(added, rules) }],
    entry: wanted,
  };
}

/**
 * The rule that is meant (see `meant`), the kernel's own excepted.
 *
 * @throws CommandError when only one of the kernel's own is meant, without which the namespace has no routes at all, or several are
 */
export function deleteRuleSteps({ table, rule }: TableRule, rules: readonly PolicyRule[]): PolicyChange<TableRule> {
  const known = rules.filter((one) => one.table === table && one.action === 'table');
  const own = known.filter((one) => !isKernels(one));
  const found = meant(rule, own, ruleOf);
  if (found === undefined) {
    if (meant(rule, known, ruleOf) !== undefined) {
      throw new CommandError("custom-action: pbr-delete-rule: this is one of the kernel's own rules; expected another");
    }
    return { steps: [], entry: undefined };
  }
  const operations = removal(found, rules.slice(0, rules.indexOf(found)));
  const isAlone = operations.length === 1;
  return {
    steps: operations.map((operation, index) => ({
      where: 'inside',
      operation,
      // The others come back as part of the change itself.
      ...(index === (operations.length - 1) / 2 ? { undo: [isAlone ? addRule(found) : insertion(found)] } : {}),
      tolerate: ['ENOENT'],
    })),
    entry: { table, rule: ruleOf(found) },
  };
}

/** Adds a rule also where the kernel takes one of the same priority with more to it for the same (EEXIST): we have compared. */
function insertion(rule: PolicyRule): Operation {
  return { ...addRule(rule), flags: NLM_F_CREATE };
}

/**
 * Deletes a rule. The kernel takes the first one that has what is given, so those before it, of the same priority, that have more to them go
 * first, and come back.
 */
function removal(rule: PolicyRule, before: readonly PolicyRule[]): Operation[] {
  const taken = before.filter(
    (one) =>
      one.table === rule.table &&
      one.action === 'table' &&
      one.priority === rule.priority &&
      isLike({ ...ruleOf(rule), not: one.not === true }, ruleOf(one)),
  );
  return [...taken.map(() => deleteRule(rule)), deleteRule(rule), ...taken.map(insertion)];
}

/** The stored rule a deletion is about when the kernel has it no more. @throws CommandError when it is one of several */
export function findStoredRule({ table, rule }: TableRule, stored: readonly TableRule[]): TableRule | undefined {
  const own = stored.filter((known) => known.table === table);
  return meant(rule, own, (known) => known.rule);
}

/**
 * The rule that has what is given and nothing else, whichever priority the kernel has chosen for it. With a priority it is enough that there
 * is but one with that priority that has what is given. `ip rule del` takes the first that has what is given; then a repeat would
 * delete another rule than the one that was meant.
 */
function meant<Rule>(
  rule: RuleSpecification,
  rules: readonly Rule[],
  specificationOf: (one: Rule) => RuleSpecification,
): Rule | undefined {
  const same = rules.find((one) => isSame(rule, specificationOf(one)));
  if (same !== undefined || rule.priority === undefined) return same;
  const like = rules.filter((one) => isLike(rule, specificationOf(one)));
  if (like.length > 1) {
    throw new CommandError(
      `custom-action: pbr-delete-rule: ${like.length} rules have priority ${rule.priority}; expected the whole rule`,
    );
  }
  return like[0];
}

/** Whether a route is where the kernel would put another: table, destination and metric decide. */
export function isSamePlace(one: Route, other: Route): boolean {
  return (
    one.table === other.table &&
    (one.metric ?? 0) === (other.metric ?? 0) &&
    JSON.stringify(one.destination) === JSON.stringify(other.destination)
  );
}

/** @throws CommandError when its link is not there. */
export function kernelRoute({ table, route }: TableRoute, links: LinkIndexes): Route {
  const { destination, link, ...rest } = route;
  const index = link === undefined ? undefined : links.get(link);
  if (link !== undefined && index === undefined)
    throw new CommandError(`route to ${destinationWords(route)}: there is no link "${link}" in the namespace`);
  return {
    object: 'route',
    family: 'inet',
    table,
    destination: destination === 'default' ? destination : prefixOf(destination),
    ...rest,
    ...(index === undefined ? {} : { link: index }),
  };
}

/** Whether a rule that is there is the one that is meant, whichever priority the kernel has chosen for it. */
export function isEqual({ table, rule }: TableRule, known: PolicyRule): boolean {
  return known.table === table && known.action === 'table' && isSame(rule, ruleOf(known));
}

function isSame(rule: RuleSpecification, known: RuleSpecification): boolean {
  if (rule.priority !== undefined && rule.priority !== known.priority) return false;
  const text = (one: RuleSpecification) => formatRule({ ...plainRule(one), priority: 0 });
  return text(rule) === text(known);
}

function kernelRule({ table, rule }: TableRule): PolicyRule {
  const { from, to, mark, protocol, ...rest } = plainRule(rule);
  return {
    object: 'rule',
    family: 'inet',
    table,
    ...rest,
    ...(from === undefined ? {} : { from: prefixOf(from) }),
    ...(to === undefined ? {} : { to: prefixOf(to) }),
    ...(mark === undefined ? {} : { mark: mark.value, markMask: mark.mask }),
    ...(protocol === undefined ? {} : { ipProtocol: protocol }),
  };
}

/** A rule of the kernel in our words; what it has beyond them is not looked at. */
function ruleOf(rule: PolicyRule): RuleSpecification {
  const { priority, not, from, to, inputLink, outputLink, mark, markMask, ipProtocol, sourcePorts, destinationPorts } =
    rule;
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(not === true ? { not } : {}),
    ...(from === undefined ? {} : { from: cidrOf(from) }),
    ...(to === undefined ? {} : { to: cidrOf(to) }),
    ...(inputLink === undefined ? {} : { inputLink }),
    ...(outputLink === undefined ? {} : { outputLink }),
    ...(mark === undefined && markMask === undefined
      ? {}
      : { mark: { value: mark ?? 0, mask: markMask ?? 0xffffffff } }),
    ...(ipProtocol === undefined ? {} : { protocol: ipProtocol }),
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(destinationPorts === undefined ? {} : { destinationPorts }),
  };
}

/** Whether a rule has all that is given of another; "every address", when it is said, is no address at all. */
function isLike(given: RuleSpecification, known: RuleSpecification): boolean {
  if ((given.not === true) !== (known.not === true)) return false;
  return Object.entries(given).every(([field, value]) => {
    const other = known[field as keyof RuleSpecification];
    if (field === 'not') return true;
    if ((field === 'from' || field === 'to') && (value as Cidr).prefix === 0) return other === undefined;
    return JSON.stringify(value) === JSON.stringify(other);
  });
}

/** The three rules that every namespace is made with (net/ipv4/fib_rules.c). */
function isKernels(rule: PolicyRule): boolean {
  const place = `${rule.priority} ${rule.table}`;
  return (
    ['0 255', '32766 254', '32767 253'].includes(place) && formatRule({ ...ruleOf(rule), priority: 0 }) === 'priority 0'
  );
}

function fits(wanted: RouteSpecification, link: number | undefined, route: Route): boolean {
  const same = <T>(given: T | undefined, actual: T | undefined) => given === undefined || given === actual;
  return (
    JSON.stringify(wanted.destination) === JSON.stringify(placeOf(route).destination) &&
    same(wanted.metric, route.metric) &&
    same(wanted.type, route.type) &&
    same(wanted.gateway, route.gateway) &&
    same(link, route.link) &&
    same(wanted.source, route.source) &&
    same(protocolNumber(wanted.protocol), protocolNumber(route.protocol)) &&
    same(wanted.scope, route.scope) &&
    same(wanted.onlink, route.onlink) &&
    same(wanted.mtu, route.mtu)
  );
}

/** RTPROT_* of linux/rtnetlink.h that the kernel's answers have names for. */
const protocolNumbers: Readonly<Record<string, number>> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  ra: 9,
};

function protocolNumber(protocol: Route['protocol']): number | undefined {
  return typeof protocol === 'string' ? protocolNumbers[protocol] : protocol;
}

/** What tells a route from the others of its table. */
function placeOf({ destination, metric }: Route): RouteSpecification {
  return {
    destination: destination === 'default' ? destination : cidrOf(destination),
    ...(metric === undefined ? {} : { metric }),
  };
}

function destinationWords({ destination }: RouteSpecification): string {
  return destination === 'default' ? destination : `${destination.address}/${destination.prefix}`;
}

function prefixOf({ address, prefix }: Cidr): Prefix {
  return { address, length: prefix };
}

function cidrOf({ address, length }: Prefix): Cidr {
  return networkOf({ address, prefix: length });
}
