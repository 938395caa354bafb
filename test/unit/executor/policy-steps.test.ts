import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/executor/converge.js';
import {
  addRouteSteps,
  addRuleSteps,
  deleteRouteSteps,
  deleteRuleSteps,
  findStored,
  findStoredRule,
} from '../../../src/executor/policy-steps.js';
import type { Operation } from '../../../src/kernel/operation.js';
import type { Route } from '../../../src/kernel/route/route.js';
import type { PolicyRule } from '../../../src/kernel/route/rule.js';
import type { RouteSpecification, RuleSpecification } from '../../../src/model/policy-routing.js';
import { parseRoute } from '../../../src/model/route-grammar.js';
import { formatRule, parseRule } from '../../../src/model/rule-grammar.js';

const links = new Map([['eth0', 5]]);
const route = (text: string) => ({ table: 100, route: parseRoute(text) as RouteSpecification });
const rule = (text: string, table = 100) => ({ table, rule: parseRule(text) as RuleSpecification });

const words = ({ verb, subject }: Operation) => `${verb} ${subject}`;
const lines = (steps: readonly Step[]) =>
  steps.map(({ operation, undo = [] }) => [operation, ...undo].map(words).join(' | '));

const there = (changed: Partial<Route>): Route => ({
  object: 'route',
  family: 'inet',
  type: 'unicast',
  table: 100,
  destination: 'default',
  scope: 'global',
  protocol: 'boot',
  ...changed,
});

/** The kernel's own rules, with others before and after. */
function rules(...own: Partial<PolicyRule>[]): PolicyRule[] {
  const full = (changed: Partial<PolicyRule>): PolicyRule => ({
    object: 'rule',
    family: 'inet',
    action: 'table',
    not: false,
    table: 100,
    ...changed,
  });
  return [
    full({ priority: 0, table: 255 }),
    ...own.map(full),
    full({ priority: 32766, table: 254 }),
    full({ priority: 32767, table: 253 }),
  ];
}

describe('a route', () => {
  it('is new, or takes the place of another, which comes back', () => {
    expect(lines(addRouteSteps(route('default via 10.0.0.1 dev eth0'), [], links).steps)).toEqual([
      'replace route default via 10.0.0.1 on link with index 5 in table 100 | delete route default via 10.0.0.1 on link with index 5 in table 100',
    ]);
    const old = there({ gateway: '10.0.0.9', link: 7 });
    const others = [there({ metric: 5, gateway: '10.0.0.5' }), there({ table: 7 }), old];
    expect(lines(addRouteSteps(route('blackhole default'), others, links).steps)).toEqual([
      'replace route blackhole default in table 100 | replace route default via 10.0.0.9 on link with index 7 in table 100',
    ]);
  });

  it('through a link that is not there is refused', () => {
    expect(() => addRouteSteps(route('default dev eth9'), [], links)).toThrow('there is no link "eth9"');
  });

  it.each([
    ['default', 'default via 10.0.0.1 on link with index 5'],
    ['default metric 5', 'default via 10.0.0.2 on link with index 5'],
    ['default via 10.0.0.2', 'default via 10.0.0.2 on link with index 5'],
    ['default dev eth0', 'default via 10.0.0.1 on link with index 5'],
    ['blackhole 10.0.0.0/8', 'blackhole 10.0.0.0/8'],
    ['10.0.0.0/8', 'blackhole 10.0.0.0/8'],
    ['unicast 10.0.0.0/8', undefined],
    ['default via 10.0.0.3', undefined],
    ['default dev eth9', undefined],
    ['default proto static', undefined],
    ['10.0.0.0/9', undefined],
  ])('to be deleted as %s is %s', (text, found) => {
    const known = [
      there({ gateway: '10.0.0.1', link: 5 }),
      there({ gateway: '10.0.0.2', link: 5, metric: 5 }),
      there({ type: 'blackhole', destination: { address: '10.0.0.0', length: 8 } }),
    ];
    const { steps, entry } = deleteRouteSteps(route(text), known, links);
    const expected = `${found} in table 100`;
    expect(lines(steps)).toEqual(found === undefined ? [] : [`delete route ${expected} | replace route ${expected}`]);
    expect(entry === undefined).toBe(found === undefined);
  });

  it('that only the state knows is found there', () => {
    const stored = [route('default via 10.0.0.1 metric 5'), route('10.0.0.0/8 dev eth0')];
    expect(findStored(route('10.0.0.0/8'), stored)).toBe(stored[1]);
    expect(findStored(route('default metric 5'), stored)).toBe(stored[0]);
    expect(findStored(route('default via 10.0.0.2'), stored)).toBeUndefined();
    expect(findStored({ ...route('10.0.0.0/8'), table: 7 }, stored)).toBeUndefined();
  });
});

describe('a rule', () => {
  const ten = { address: '10.0.0.0', length: 8 };

  it('gets the priority the kernel would choose', () => {
    const { steps, entry } = addRuleSteps(rule('to 10.0.0.0/8'), rules());
    expect(lines(steps)).toEqual([
      'add policy rule 32765: to 10.0.0.0/8 lookup 100 | delete policy rule 32765: to 10.0.0.0/8 lookup 100',
    ]);
    expect(formatRule(entry?.rule ?? {})).toBe('priority 32765 to 10.0.0.0/8');
    expect(addRuleSteps(rule('to 10.0.0.0/8'), rules({ priority: 900, to: ten, table: 7 })).entry?.rule.priority).toBe(
      899,
    );
    expect(addRuleSteps(rule('to 10.0.0.0/8'), rules({ priority: 0, to: ten, table: 7 })).entry?.rule.priority).toBe(0);
  });

  it.each([
    ['to 10.0.0.0/8', { to: ten, priority: 999 }],
    ['from all to 10.1.2.3/8', { to: ten, priority: 999 }],
    ['to 10.0.0.0/8 priority 999', { to: ten, priority: 999 }],
    ['fwmark 5', { mark: 5, markMask: 0xffffffff, priority: 7 }],
    ['fwmark 0x10/0xff priority 7', { mark: 16, markMask: 255, priority: 7 }],
    ['not ipproto udp dport 53', { not: true, ipProtocol: 17, destinationPorts: { first: 53, last: 53 }, priority: 7 }],
    [
      'iif eth0 oif gone sport 1-2',
      { inputLink: 'eth0', outputLink: 'gone', sourcePorts: { first: 1, last: 2 }, priority: 7 },
    ],
  ])('%s is not doubled', (text, known) => {
    const { steps, entry } = addRuleSteps(rule(text), rules(known));
    expect(steps).toEqual([]);
    expect(entry?.rule.priority).toBe(known.priority);
  });

  it.each([
    ['to 10.0.0.0/8 priority 5', { to: ten, priority: 999 }],
    ['to 10.0.0.0/8', { to: ten, from: ten, priority: 999 }],
    ['to 10.0.0.0/8', { to: ten, table: 7, priority: 999 }],
    ['to 10.0.0.0/8', { to: ten, not: true, priority: 999 }],
    ['to 10.0.0.0/8', { to: ten, action: 'blackhole' as const, priority: 999 }],
    ['fwmark 5/0xff', { mark: 5, markMask: 0xffffffff, priority: 999 }],
  ])('%s is another one', (text, known) => {
    expect(addRuleSteps(rule(text), rules(known)).steps).toHaveLength(1);
  });

  it('to be deleted is the one that has nothing else to it, or the only one with its priority', () => {
    const known = rules({ priority: 5, to: ten, from: ten }, { priority: 6, to: ten }, { priority: 7, from: ten });
    const deleted = (text: string, table = 100) => deleteRuleSteps(rule(text, table), known).entry?.rule.priority;
    expect(deleted('to 10.0.0.0/8')).toBe(6);
    expect(deleted('priority 7')).toBe(7);
    expect(deleted('from 10.0.0.0/8')).toBe(7);
    expect(deleted('from all to 10.0.0.0/8')).toBe(6);
    expect(deleted('from 10.0.0.0/8 priority 5')).toBe(5);
    expect(deleted('priority 5')).toBe(5);
    expect(deleted('priority 8')).toBeUndefined();
    expect(deleted('to 10.0.0.0/9')).toBeUndefined();
    expect(deleted('not to 10.0.0.0/8')).toBeUndefined();
    expect(deleted('from all to all')).toBeUndefined();
    expect(deleted('to 10.0.0.0/8', 101)).toBeUndefined();
  });

  it('of several with one priority has to be said in full', () => {
    const known = rules({ priority: 5, to: ten, from: ten }, { priority: 5, to: ten });
    expect(() => deleteRuleSteps(rule('priority 5'), known)).toThrow(
      /2 rules have priority 5; expected the whole rule/,
    );
  });

  it('once deleted, a repeat deletes no other', () => {
    expect(deleteRuleSteps(rule('to 10.0.0.0/8'), rules({ priority: 5, to: ten, from: ten })).steps).toEqual([]);
  });

  it('that only the state knows is found there', () => {
    const stored = [rule('priority 5 from all to 10.0.0.0/8'), rule('priority 6 from 10.0.0.0/8')];
    expect(findStoredRule(rule('to 10.0.0.0/8'), stored)).toBe(stored[0]);
    expect(findStoredRule(rule('priority 6'), stored)).toBe(stored[1]);
    expect(findStoredRule(rule('from 10.0.0.0/9'), stored)).toBeUndefined();
    expect(findStoredRule(rule('priority 6', 7), stored)).toBeUndefined();
  });

  it('of the same priority that the kernel would take instead goes and comes back', () => {
    const known = rules({ priority: 5, to: ten, from: ten }, { priority: 5, to: ten });
    const { steps } = deleteRuleSteps(rule('to 10.0.0.0/8'), known);
    expect(steps.map(({ operation }) => words(operation))).toEqual([
      'delete policy rule 5: to 10.0.0.0/8 lookup 100',
      'delete policy rule 5: to 10.0.0.0/8 lookup 100',
      'add policy rule 5: from 10.0.0.0/8 to 10.0.0.0/8 lookup 100',
    ]);
  });

  it.each([
    ['from all', 254],
    ['priority 0', 255],
    ['priority 32767', 253],
  ])("%s of table %d is the kernel's own", (text, table) => {
    expect(() => deleteRuleSteps(rule(text, table), rules())).toThrow(/kernel's own/);
  });

  it("beside the kernel's own can be deleted", () => {
    const { entry } = deleteRuleSteps(rule('from all', 254), rules({ priority: 9, table: 254 }));
    expect(entry?.rule.priority).toBe(9);
  });
});
