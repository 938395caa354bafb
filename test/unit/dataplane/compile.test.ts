import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/commands/command-error.js';
import { planCommand } from '../../../src/commands/index.js';
import type { Plan } from '../../../src/commands/plan.js';
import type { Command } from '../../../src/contract/command.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { subjectsOf } from '../../../src/dataplane/derive.js';
import { chainNamed, counterNamed, table } from '../../../src/dataplane/tables.js';
import { type Expression, jump, lookup, objectReference, verdict } from '../../../src/kernel/nft/expression.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { applyChange, type Change, change, invert } from '../../../src/model/change.js';
import { Domain } from '../../../src/model/domain.js';
import { anyHistory } from '../commands/arbitraries.js';
import {
  addForward,
  addStaticNat,
  applyFirewall,
  assign,
  carryOut,
  contents,
  domainAfter,
  implement,
  ipv6Side,
  release,
} from '../commands/builders.js';
import { firewallWith, type IngressRule } from '../model/firewall-rules.js';
import { aclOf, anySentAcl, anySentFirewall, firewallOf } from '../model/sent-rules.js';
import { SimulatedRefusal, SimulatedRuleset } from './simulated-ruleset.js';

const runs = { numRuns: 250 };

/** The plan of a command, undefined when it is refused as not possible on this domain. */
function planOf(command: Command, domain: Domain): Plan | undefined {
  try {
    return planCommand(command, domain);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function rebuilt(domain: Domain): string[] {
  const ruleset = new SimulatedRuleset();
  ruleset.run(compileAll(domain));
  return ruleset.lines();
}

/** The same domain, its entries in the opposite order. */
function reversed(domain: Domain): Domain {
  const other = new Domain(domain.id, domain.namespace);
  other.present = domain.present;
  for (const kind of [
    'vpc',
    'network',
    'address',
    'staticNat',
    'portForward',
    'loadBalancer',
    'firewall',
    'acl',
  ] as const) {
    for (const [key, value] of [...domain[kind]].reverse()) {
      for (const edit of change(other, kind, key, value as never)) applyChange(other, edit);
    }
  }
  return other;
}

/** Plays a history as the executor does; `each` sees every plan that has changes for a ruleset that is there. */
function play(
  { domain, commands }: { readonly domain: Domain; readonly commands: readonly Command[] },
  each: (plan: Plan, ruleset: SimulatedRuleset) => void,
): number {
  let ruleset: SimulatedRuleset | undefined;
  let played = 0;
  for (const command of commands) {
    const plan = planOf(command, domain);
    if (plan === undefined) continue;
    played++;
    if (plan.namespace === 'remove') {
      for (const edit of plan.changes) applyChange(domain, edit);
      domain.present = false;
      ruleset = undefined;
      continue;
    }
    if (plan.namespace === 'ensure' && ruleset === undefined) {
      domain.present = true;
      ruleset = new SimulatedRuleset();
      ruleset.run(compileAll(domain));
    }
    if (ruleset === undefined) for (const edit of plan.changes) applyChange(domain, edit);
    else each(plan, ruleset);
  }
  return played;
}

describe('changes compiled one after the other', { timeout: 60_000 }, () => {
  it('lead to the ruleset that is compiled from the whole domain', () => {
    let transactions = 0;
    fc.assert(
      fc.property(anyHistory, (history) => {
        play(history, ({ changes }, ruleset) => {
          ruleset.run(applyAndCompile(history.domain, changes));
          transactions += changes.length > 0 ? 1 : 0;
          expect(ruleset.lines()).toEqual(rebuilt(history.domain));
          // Nor does it matter in which order things came, which a restart forgets.
          expect(ruleset.lines()).toEqual(rebuilt(reversed(history.domain)));
        });
      }),
      runs,
    );
    // The histories are worth something: most commands find something to do.
    expect(transactions).toBeGreaterThan(500);
  });

  it('are taken back by their inverse: the domain and the ruleset are as before', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { domain } = history;
        play(history, ({ changes }, ruleset) => {
          const before = { contents: contents(domain), lines: ruleset.lines() };
          ruleset.run(applyAndCompile(domain, changes));
          ruleset.run(applyAndCompile(domain, invert(changes)));
          expect(contents(domain)).toEqual(before.contents);
          expect(ruleset.lines()).toEqual(before.lines);
          ruleset.run(applyAndCompile(domain, changes));
        });
      }),
      runs,
    );
  });

  it('name all subjects before they are applied: none comes up only afterwards', () => {
    const named = (domain: Domain, changes: readonly Change[]) =>
      new Set(changes.flatMap((edit) => subjectsOf(domain, edit)).map(({ subject, key }) => `${subject} ${key}`));
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { domain } = history;
        play(history, ({ changes }) => {
          const before = named(domain, changes);
          for (const edit of changes) applyChange(domain, edit);
          expect([...named(domain, changes)].filter((subject) => !before.has(subject))).toEqual([]);
        });
      }),
      runs,
    );
  });

  /** Edits no command makes, in any order and number: the rules must follow all the same. */
  it('may be any edits', () => {
    const domainOf = () => domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }));
    const link = fc.constantFrom('vpn-200-42', 'vpn-201-42');
    const ip = fc.constantFrom('203.0.113.10', '203.0.113.11');
    const privateIp = fc.constantFrom('10.1.1.10', '10.1.1.11');
    const vlan = fc.constantFrom(100, 101);
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('staticNat' as const), ip, privateIp, there: fc.boolean() }),
      fc.record({
        kind: fc.constant('address' as const),
        ip,
        link,
        there: fc.boolean(),
        sourceNat: fc.boolean(),
        owner: fc.constantFrom('42', '43', undefined),
      }),
      fc.record({
        kind: fc.constant('network' as const),
        id: fc.constantFrom('42', '43'),
        vlan,
        there: fc.boolean(),
        active: fc.boolean(),
        isDualStack: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('firewall' as const),
        id: fc.constantFrom('42', '43'),
        rules: fc.option(anySentFirewall(['203.0.113.10', '203.0.113.12'], ['10.1.1.0/24']), { nil: undefined }),
      }),
      fc.record({
        kind: fc.constant('acl' as const),
        id: fc.constantFrom('42', '43'),
        rules: fc.option(anySentAcl, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (rounds) => {
        const domain = domainOf();
        const ruleset = new SimulatedRuleset();
        ruleset.run(compileAll(domain));
        for (const round of rounds) {
          // Each edit is made on what the ones before it left.
          const ahead = domainOf();
          for (const kind of ['network', 'address', 'staticNat', 'firewall', 'acl'] as const) {
            ahead[kind].clear();
            for (const [key, value] of domain[kind]) (ahead[kind] as Map<string, unknown>).set(key, value);
          }
          const changes: Change[] = [];
          for (const one of round) {
            const made =
              one.kind === 'firewall'
                ? change(ahead, 'firewall', one.id, one.rules && firewallOf(one.rules))
                : one.kind === 'acl'
                  ? change(ahead, 'acl', one.id, one.rules && aclOf(one.rules))
                  : one.kind === 'staticNat'
                    ? change(
                        ahead,
                        'staticNat',
                        one.ip,
                        one.there ? { publicIp: one.ip, privateIp: one.privateIp } : undefined,
                      )
                    : one.kind === 'address'
                      ? change(
                          ahead,
                          'address',
                          one.ip,
                          one.there
                            ? {
                                address: one.ip,
                                vlan: 200,
                                prefix: 24,
                                gateway: undefined,
                                sourceNat: one.sourceNat,
                                owner: one.owner,
                                link: one.link,
                              }
                            : undefined,
                        )
                      : change(
                          ahead,
                          'network',
                          one.id,
                          one.there
                            ? {
                                id: one.id,
                                active: one.active,
                                vlan: one.vlan,
                                gateway: undefined,
                                // Two networks never have one link or CIDR.
                                cidr: {
                                  address: one.id === '42' ? '10.1.1.0' : '10.1.2.0',
                                  prefix: one.vlan === 100 ? 24 : 25,
                                },
                                extensionIp: undefined,
                                ipv6: one.isDualStack ? ipv6Side(`2001:db8:${one.id}`) : undefined,
                                link: `vn-${one.vlan}-${one.id}`,
                              }
                            : undefined,
                        );
            for (const edit of made) applyChange(ahead, edit);
            changes.push(...made);
          }
          ruleset.run(applyAndCompile(domain, changes));
          expect(ruleset.lines()).toEqual(rebuilt(domain));
        }
      }),
      runs,
    );
  });
});

describe('a transaction', () => {
  let domain: Domain;

  beforeEach(() => {
    domain = domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }));
  });

  const operations = (command: Command) =>
    applyAndCompile(domain, planCommand(command, domain).changes).operations.map(
      ({ verb, subject }) => `${verb} ${subject}`,
    );

  it('is one element for a port forward, whatever the number of others', () => {
    for (let port = 1000; port < 1050; port++) {
      carryOut(domain, addForward(`tcp 203.0.113.10:${port}`, `10.1.1.10:${port}`));
    }
    expect(operations(addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'))).toEqual([
      'add element 203.0.113.10 . 6 . 2222 of map ip cloudstack port_forward',
    ]);
  });

  it('moves a port forward by taking the old element first', () => {
    carryOut(domain, addForward('udp 203.0.113.10:53', '10.1.1.10:53'));
    expect(operations(addForward('udp 203.0.113.10:53', '10.1.1.11:53'))).toEqual([
      'delete element 203.0.113.10 . 17 . 53 of map ip cloudstack port_forward',
      'add element 203.0.113.10 . 17 . 53 of map ip cloudstack port_forward',
    ]);
  });

  it('keeps a range of equal ports as one element and spells out a shifted one', () => {
    expect(operations(addForward('tcp 203.0.113.10:8000-8009', '10.1.1.10:8000-8009'))).toEqual([
      'add element 203.0.113.10 . 6 . 8000 of map ip cloudstack port_forward_range',
    ]);
    expect(operations(addForward('tcp 203.0.113.10:9000-9002', '10.1.1.10:7000-7002'))).toEqual([
      'add 3 elements of map ip cloudstack port_forward',
    ]);
  });

  it('is both directions of a static NAT', () => {
    expect(operations(addStaticNat('203.0.113.10', '10.1.1.10'))).toEqual([
      'add element 203.0.113.10 of map ip cloudstack static_nat',
      'add element vpn-200-42 . 10.1.1.10 of map ip cloudstack static_nat_source',
    ]);
  });

  it('lets a guest with two public addresses go out with the lower, whichever came first', () => {
    carryOut(domain, assign('203.0.113.9'));
    carryOut(domain, addStaticNat('203.0.113.10', '10.1.1.10'));
    const source = 'element vpn-200-42 . 10.1.1.10 of map ip cloudstack static_nat_source';
    // 9 is lower than 10, as numbers.
    expect(operations(addStaticNat('203.0.113.9', '10.1.1.10'))).toEqual([
      `delete ${source}`,
      'add element 203.0.113.9 of map ip cloudstack static_nat',
      `add ${source}`,
    ]);
    expect(operations(addStaticNat('203.0.113.10', '10.1.1.11'))).not.toContain(`delete ${source}`);
  });

  const firewall = (...rules: IngressRule[]) => applyFirewall(firewallWith(false, rules, []));
  const open = (publicIp: string, port: number): IngressRule => ({
    publicIp,
    traffic: { protocol: 6, ports: { first: port, last: port } },
    sources: 'any',
  });

  it('closes an address that is assigned after the rules', () => {
    carryOut(domain, firewall());
    expect(operations(assign('203.0.113.11'))).toEqual(
      expect.arrayContaining([
        'add chain ip cloudstack CS_EXTNET_FWI_203.0.113.11',
        'add element 203.0.113.11 of map ip cloudstack ingress_firewall',
      ]),
    );
    expect(operations(release('203.0.113.11'))).toContain('delete chain ip cloudstack CS_EXTNET_FWI_203.0.113.11');
  });

  it('closes an address that only a later set of rules names', () => {
    carryOut(domain, firewall());
    expect(operations(firewall(open('203.0.113.12', 22)))).toContain(
      'add chain ip cloudstack CS_EXTNET_FWI_203.0.113.12',
    );
    expect(operations(firewall())).toContain('delete chain ip cloudstack CS_EXTNET_FWI_203.0.113.12');
  });

  it('replaces the set of a list as a whole, with the rules that look into it and nothing else', () => {
    const ports = [1, 2, 3, 4, 5].map((port) => open('203.0.113.10', port));
    carryOut(domain, firewall(...ports));
    const set = 'set ip cloudstack CS_EXTNET_FWI_42_port';
    expect(operations(firewall(...ports, open('203.0.113.10', 6)))).toEqual([
      'flush chain ip cloudstack CS_EXTNET_FWI_42',
      `delete ${set}`,
      `add ${set}`,
      `add 6 elements of ${set}`,
      'add chain ip cloudstack CS_EXTNET_FWI_42',
      'add rule in chain ip cloudstack CS_EXTNET_FWI_42',
    ]);
  });

  it('keeps the counters of what was dropped when rules are replaced', () => {
    expect(operations(firewall())).toContain('add counter ip cloudstack CS_EXTNET_FWRULES_42');
    expect(operations(firewall(open('203.0.113.10', 22))).filter((line) => line.includes('counter'))).toEqual([]);
    expect(operations(implement())).toEqual([]);
  });

  it('is empty when nothing changes', () => {
    carryOut(domain, firewall(open('203.0.113.10', 22)));
    expect(operations(firewall(open('203.0.113.10', 22)))).toEqual([]);
    expect(operations(implement())).toEqual([]);
    expect(operations(assign('203.0.113.10', { sourceNat: true }))).toEqual([]);
  });
});

/** The simulation itself: it must refuse what the kernel refuses. */
describe('the simulated ruleset', () => {
  const compile = (...commands: Command[]) => compileAll(domainAfter(...commands));
  const edits = (of: Domain, command: Command) => applyAndCompile(of, planCommand(command, of).changes);

  it('refuses to delete what is not there, and does nothing of the transaction', () => {
    const ruleset = new SimulatedRuleset();
    ruleset.run(compile(implement()));
    const before = ruleset.lines();
    const other = domainAfter(implement(), assign('203.0.113.10'), addForward('tcp 203.0.113.10:1', '10.1.1.9:1'));
    const transaction = applyAndCompile(other, invert(domainChanges(other)));
    expect(() => ruleset.run(transaction)).toThrow(SimulatedRefusal);
    expect(ruleset.lines()).toEqual(before);
  });

  it('refuses other data for a key, and intervals that overlap', () => {
    const ruleset = new SimulatedRuleset();
    const base = [implement(), assign('203.0.113.10')];
    ruleset.run(
      compile(
        ...base,
        addForward('tcp 203.0.113.10:1', '10.1.1.9:1'),
        addForward('tcp 203.0.113.10:5-9', '10.1.1.9:5-9'),
      ),
    );
    const once = (command: Command) => () => ruleset.run(edits(domainAfter(...base), command));
    expect(once(addForward('tcp 203.0.113.10:1', '10.1.1.8:1'))).toThrow('EEXIST');
    expect(once(addForward('tcp 203.0.113.10:1', '10.1.1.9:1'))).not.toThrow();
    expect(once(addForward('tcp 203.0.113.10:8-12', '10.1.1.9:8-12'))).toThrow('EEXIST');
    expect(once(addForward('udp 203.0.113.10:8-12', '10.1.1.9:8-12'))).not.toThrow();
  });

  it('refuses to delete a chain that is referred to', () => {
    const ruleset = new SimulatedRuleset();
    ruleset.run(compile(implement(), assign('203.0.113.10')));
    // The address still leads to the network's chain.
    const other = domainAfter(implement());
    const transaction = applyAndCompile(other, change(other, 'network', '42', undefined));
    expect(() => ruleset.run(transaction)).toThrow('EBUSY');
  });

  const ports = [1, 2, 3, 4, 5].map((port) => ({
    publicIp: '203.0.113.10',
    traffic: { protocol: 6, ports: { first: port, last: port } },
    sources: 'any' as const,
  }));
  const filtered = () => {
    const ruleset = new SimulatedRuleset();
    ruleset.run(compile(implement(), assign('203.0.113.10'), applyFirewall(firewallWith(false, ports, []))));
    return ruleset;
  };
  const set = { object: 'set', table, name: 'CS_EXTNET_FWI_42_port', key: ['ipv4_addr'] } as const;

  it('refuses to delete a set that a rule looks into, and a counter that one counts with', () => {
    const ruleset = filtered();
    const list = chainNamed('CS_EXTNET_FWI_42');
    expect(() => ruleset.run(new NetfilterTransaction().delete(set))).toThrow('EBUSY');
    expect(() => ruleset.run(new NetfilterTransaction().flush(list).delete(set))).not.toThrow();
    expect(() => ruleset.run(new NetfilterTransaction().delete(set))).toThrow('ENOENT');
    const counter = counterNamed('CS_EXTNET_FWRULES_42');
    const egress = chainNamed('CS_EXTNET_FWRULES_42');
    expect(() => ruleset.run(new NetfilterTransaction().delete(counter))).toThrow('EBUSY');
    expect(() => ruleset.run(new NetfilterTransaction().flush(egress).delete(counter).add(counter))).not.toThrow();
    expect(() => ruleset.run(new NetfilterTransaction().flush(egress).delete(counter).delete(counter))).toThrow(
      'ENOENT',
    );
    // All of it, or nothing.
    expect(ruleset.lines().join('\n')).toContain('counter CS_EXTNET_FWRULES_42');
  });

  it('refuses a set of another form, and rules that refer to nothing', () => {
    const ruleset = filtered();
    expect(() => ruleset.run(new NetfilterTransaction().add(set))).toThrow('EEXIST');
    const rule = (expression: Expression) =>
      new NetfilterTransaction().add({ object: 'rule', chain: chainNamed('ingress'), expressions: [expression] });
    expect(() => ruleset.run(rule(lookup('nothing')))).toThrow('ENOENT');
    expect(() => ruleset.run(rule(objectReference('counter', 'nothing')))).toThrow('ENOENT');
    expect(() => ruleset.run(rule(verdict(jump('nothing'))))).toThrow('ENOENT');
  });

  /** The changes that made a domain's port forwards. */
  function domainChanges(of: Domain): Change[] {
    return [...of.portForward].map(([key, after]) => ({ kind: 'portForward', key, before: undefined, after }));
  }
});
