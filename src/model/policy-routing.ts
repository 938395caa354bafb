/** Policy routing of a namespace: routes in tables of their own, and rules that say which packets ask which table. */

import { GrammarProblem } from './grammar.js';
import { formatRoute, parseRoute } from './route-grammar.js';
import { formatRule, parseRule } from './rule-grammar.js';
import { parseTableId } from './table-names.js';
import type { Cidr, PortRange } from './values.js';

export type RouteType = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';

/** A route as it is asked for; what is not given is the kernel's choice, or any when a route is to be deleted. */
export interface RouteSpecification {
  readonly type?: RouteType;
  readonly destination: Cidr | 'default';
  readonly gateway?: string;
  /** Name of the outgoing link. */
  readonly link?: string;
  /** Source address of what the namespace itself sends. */
  readonly source?: string;
  /** Lower wins; 0 is not given. */
  readonly metric?: number;
  /** Who made it. */
  readonly protocol?: 'kernel' | 'boot' | 'static' | number;
  readonly scope?: 'global' | 'site' | 'link' | 'host' | 'nowhere';
  /** The gateway is reachable although no address of the link says so. */
  readonly onlink?: boolean;
  /** Path MTU in bytes. */
  readonly mtu?: number;
}

/** A firewall mark under a mask that is not 0. */
export interface Mark {
  readonly value: number;
  readonly mask: number;
}

/** A rule as it is asked for. */
export interface RuleSpecification {
  /** Matches what the rest does not match. */
  readonly not?: boolean;
  /** Host bits cleared; `0.0.0.0/0` is every address, said explicitly. */
  readonly from?: Cidr;
  readonly to?: Cidr;
  readonly inputLink?: string;
  readonly outputLink?: string;
  readonly mark?: Mark;
  /** Lower is asked first; the kernel chooses when not given. */
  readonly priority?: number;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
}

/** A route and the table it is in. */
export interface TableRoute {
  /** Id 1–4294967295. */
  readonly table: number;
  readonly route: RouteSpecification;
}

/** A rule and the table it leads to. */
export interface TableRule {
  readonly table: number;
  /** With its priority, also when the kernel has chosen it. */
  readonly rule: RuleSpecification;
}

/** All that was asked for in one namespace, in the order it was. Never changed: another takes its place. */
export class PolicyRouting {
  /** One line each: what the state file holds, and what tells two apart. */
  readonly text: string;

  constructor(
    readonly routes: readonly TableRoute[],
    readonly rules: readonly TableRule[],
  ) {
    const lines = [
      ...routes.map(({ table, route }) => `route table ${table} ${formatRoute(route)}\n`),
      ...rules.map(({ table, rule }) => `rule table ${table} ${formatRule(rule)}\n`),
    ];
    this.text = lines.join('');
  }

  /** With a route in the place of the one the kernel takes for the same: table, destination and metric decide. */
  withRoute(added: TableRoute): PolicyRouting {
    const index = this.routes.findIndex((known) => isSameRoute(known, added));
    return new PolicyRouting(index === -1 ? [...this.routes, added] : this.routes.with(index, added), this.rules);
  }

  /** Without the routes that the kernel takes for the same. */
  withoutRoute(removed: TableRoute): PolicyRouting {
    return new PolicyRouting(
      this.routes.filter((known) => !isSameRoute(known, removed)),
      this.rules,
    );
  }

  /** With a rule, once. */
  withRule(added: TableRule): PolicyRouting {
    const isKnown = this.rules.some((known) => isSameRule(known, added));
    return isKnown ? this : new PolicyRouting(this.routes, [...this.rules, added]);
  }

  withoutRule(removed: TableRule): PolicyRouting {
    return new PolicyRouting(
      this.routes,
      this.rules.filter((known) => !isSameRule(known, removed)),
    );
  }
}

export const noPolicyRouting = new PolicyRouting([], []);

/** What the text of a {@link PolicyRouting} says, and how many lines of it were not understood: a namespace without one route is better than without all. */
export function parsePolicyRouting(text: string): { readonly routing: PolicyRouting; readonly damaged: number } {
  let routing = noPolicyRouting;
  let damaged = 0;
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const match = /^(route|rule) table ([0-9]+) (.*)$/.exec(line);
    const table = parseTableId(match?.[2] ?? '');
    const words = match?.[3] ?? '';
    if (table === undefined) {
      damaged++;
    } else if (match?.[1] === 'route') {
      const route = parseRoute(words);
      if (route instanceof GrammarProblem) damaged++;
      else routing = routing.withRoute({ table, route });
    } else {
      const rule = parseRule(words);
      if (rule instanceof GrammarProblem) damaged++;
      else routing = routing.withRule({ table, rule });
    }
  }
  return { routing, damaged };
}

function isSameRoute(one: TableRoute, other: TableRoute): boolean {
  const keyOf = ({ table, route: { destination, metric = 0 } }: TableRoute) =>
    JSON.stringify([table, destination, metric]);
  return keyOf(one) === keyOf(other);
}

function isSameRule(one: TableRule, other: TableRule): boolean {
  return one.table === other.table && formatRule(plainRule(one.rule)) === formatRule(plainRule(other.rule));
}

/** A rule without what says nothing: every address, and "not" that was not given. */
export function plainRule({ from, to, not, ...rest }: RuleSpecification): RuleSpecification {
  return {
    ...rest,
    ...(not === true ? { not } : {}),
    ...(from === undefined || from.prefix === 0 ? {} : { from }),
    ...(to === undefined || to.prefix === 0 ? {} : { to }),
  };
}
