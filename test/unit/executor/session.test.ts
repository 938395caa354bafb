import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { Command } from '../../../src/contract/command.js';
import { compileAll } from '../../../src/dataplane/compile.js';
import { chainNamed, table } from '../../../src/dataplane/tables.js';
import { Session } from '../../../src/executor/session.js';
import { UnknownOutcomeError } from '../../../src/kernel/errors.js';
import { jump, verdict } from '../../../src/kernel/nft/expression.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import type { Domain } from '../../../src/model/domain.js';
import { addForward, applyFirewall, assign, contents, domainAfter, implement } from '../commands/builders.js';
import { SimulatedRuleset } from '../dataplane/simulated-ruleset.js';
import { FakeNetfilter, FakeRoute, fakeKernel, kernelError } from './fake-kernel.js';

function linesOf(domain: Domain): string[] {
  const ruleset = new SimulatedRuleset();
  ruleset.run(compileAll(domain));
  return ruleset.lines();
}

describe('Session.change', () => {
  let netfilter: FakeNetfilter;
  let session: Session;
  let domain: Domain;

  beforeEach(async () => {
    netfilter = new FakeNetfilter();
    session = await Session.open('cs-net-42', fakeKernel({ openNetfilter: async () => netfilter.access }));
    domain = domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }));
  });

  const perform = (command: Command) => session.change(domain, planCommand(command, domain).changes);
  const ssh = addForward('tcp 203.0.113.10:2222', '10.1.1.10:22');
  const web = addForward('tcp 203.0.113.10:80', '10.1.1.10:80');

  /** What somebody else does to the ruleset: any transaction gives it another generation. */
  const meddle = (transaction: NetfilterTransaction) => netfilter.ruleset.run(transaction);

  it('makes the whole table the first time and the difference afterwards', async () => {
    await perform(ssh);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
    expect(await session.isTableKnown()).toBe(true);
    await perform(web);
    expect(netfilter.transactions.map(({ operations }) => operations.length)).toEqual([expect.any(Number), 1]);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it('makes the whole table anew when somebody else has changed the ruleset', async () => {
    await perform(ssh);
    meddle(new NetfilterTransaction().destroy(table));
    expect(await session.isTableKnown()).toBe(false);
    await perform(web);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
    expect(await session.isTableKnown()).toBe(true);
  });

  it('sends nothing when there is no change, unless the table is not known to be right', async () => {
    await perform(ssh);
    await session.change(domain, []);
    expect(netfilter.transactions).toHaveLength(1);
    meddle(new NetfilterTransaction().add(table).add(chainNamed('strange')));
    await session.change(domain, []);
    expect(netfilter.transactions).toHaveLength(2);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it('tries again when somebody else is at work at the same time', async () => {
    let meddlings = 3;
    const { run } = netfilter.access;
    const busy = {
      ...netfilter.access,
      run: (async (transaction: NetfilterTransaction, options?: object) => {
        if (meddlings-- > 0) meddle(new NetfilterTransaction().add(table));
        return run(transaction, options);
      }) as typeof run,
    };
    session = await Session.open('cs-net-42', fakeKernel({ openNetfilter: async () => busy }));
    await perform(ssh);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it('leaves domain and table as they were when the kernel refuses', async () => {
    await perform(ssh);
    const before = { contents: contents(domain), lines: netfilter.ruleset.lines() };
    netfilter.next = { error: kernelError('ENOBUFS'), done: false };
    await expect(perform(web)).rejects.toThrow('ENOBUFS');
    expect(contents(domain)).toEqual(before.contents);
    expect(netfilter.ruleset.lines()).toEqual(before.lines);
    expect(await session.isTableKnown()).toBe(true);
    await perform(web);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it.each([true, false])('puts the table back when the answer is lost (carried out: %s)', async (done) => {
    await perform(ssh);
    const before = { contents: contents(domain), lines: netfilter.ruleset.lines() };
    netfilter.next = { error: new UnknownOutcomeError('lost', []), done };
    await expect(perform(web)).rejects.toThrow(UnknownOutcomeError);
    expect(contents(domain)).toEqual(before.contents);
    expect(netfilter.ruleset.lines()).toEqual(before.lines);
  });

  it.each([true, false])('leaves no table where none was when the answer is lost (carried out: %s)', async (done) => {
    netfilter.next = { error: new UnknownOutcomeError('lost', []), done };
    await expect(perform(ssh)).rejects.toThrow(UnknownOutcomeError);
    expect(netfilter.ruleset.lines()).toEqual([]);
    await perform(ssh);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it('says so when the table cannot be put back', async () => {
    await perform(ssh);
    netfilter.next = { error: new UnknownOutcomeError('lost', []), done: true };
    const { generation } = netfilter.access;
    netfilter.access.generation = async () => {
      throw kernelError('EIO');
    };
    await expect(perform(web)).rejects.toThrow(
      /lost; and the rules could not be put back: .*EIO.*; repeat the command$/,
    );
    netfilter.access.generation = generation;
    // The model is as before; the table is made anew with the next command.
    expect(domain.portForward.size).toBe(1);
    expect(await session.isTableKnown()).toBe(false);
    await session.change(domain, []);
    expect(netfilter.ruleset.lines()).toEqual(linesOf(domain));
  });

  it('returns what takes it back', async () => {
    await perform(ssh);
    const before = { contents: contents(domain), lines: netfilter.ruleset.lines() };
    const undo = await perform(web);
    await undo();
    expect(contents(domain)).toEqual(before.contents);
    expect(netfilter.ruleset.lines()).toEqual(before.lines);
    expect(await session.isTableKnown()).toBe(true);
  });

  it('returns what takes the table away again when there was none', async () => {
    const before = contents(domain);
    const undo = await perform(ssh);
    await undo();
    expect(contents(domain)).toEqual(before);
    expect(netfilter.ruleset.lines()).toEqual([]);
    expect(await session.isTableKnown()).toBe(false);
  });

  it('knows the generation after 4294967295: 0 is skipped', async () => {
    await perform(ssh);
    netfilter.ruleset.generation = 0xffffffff;
    // Not ours: the table is made anew, and has the generation behind the highest.
    await perform(web);
    netfilter.ruleset.generation = 1;
    expect(await session.isTableKnown()).toBe(true);
  });
});

describe('Session.takeOverFilters', () => {
  /** The shell wrapper's chains in other tables, by table and name; what removes them is noted. */
  const place = (name: string): Table => ({ object: 'table', family: 'ip', name });
  const theirs = (table: string, name: string) => ({ object: 'chain', table: place(table), name, handle: 1 }) as const;
  const all = [
    theirs('nat', 'CS_EXTNET_42_PR'),
    theirs('filter', 'CS_EXTNET_FWD_42'),
    theirs('filter', 'CS_EXTNET_FWRULES_42'),
    theirs('mangle', 'CS_EXTNET_FWI_203.0.113.10'),
    theirs('mangle', 'PREROUTING'),
  ];
  const hook = {
    object: 'rule',
    chain: theirs('mangle', 'PREROUTING'),
    handle: 7,
    expressions: [verdict(jump('CS_EXTNET_FWI_203.0.113.10'))],
  } as const;

  /** A kernel that has `present`; what goes of the shell wrapper's goes from there. */
  async function hostWith(present: (typeof all)[number][]) {
    const netfilter = new FakeNetfilter();
    const { run } = netfilter.access;
    const host = { netfilter, present, deleted: [] as string[], fault: undefined as Error | undefined, isDone: true };
    netfilter.access.chains = async () => host.present;
    netfilter.access.rules = async ({ name }) => (name === 'mangle' ? [hook] : []);
    netfilter.access.run = (async (transaction: NetfilterTransaction, options?: object) => {
      const foreign = transaction.steps.filter(
        (step) => step.verb === 'delete' && 'object' in step && step.object.object !== 'table' && !isOurs(step.object),
      );
      const { fault } = host;
      if (foreign.length > 0) host.fault = undefined;
      if (foreign.length === 0 || (fault !== undefined && !host.isDone)) {
        if (foreign.length > 0 && fault !== undefined) throw fault;
        return run(transaction, options as undefined);
      }
      for (const { object } of foreign as { object: { name?: string; handle?: number } }[]) {
        host.deleted.push(object.name ?? `rule ${object.handle}`);
        host.present = host.present.filter(({ name }) => name !== object.name);
      }
      await run(ours(transaction), options as undefined);
      if (fault !== undefined) throw fault;
    }) as typeof run;
    const session = await Session.open('cs-net-42', fakeKernel({ openNetfilter: async () => netfilter.access }));
    return { host, session };
  }
  const isOurs = (object: object) => {
    const { table: own, chain } = object as { table?: Table; chain?: { table: Table } };
    return (own ?? chain?.table)?.name === table.name;
  };
  /** The part of a transaction that the simulation knows; never empty, so that the generation counts. */
  function ours(transaction: NetfilterTransaction): NetfilterTransaction {
    const kept = new NetfilterTransaction();
    for (const operation of transaction.operations) {
      const { table: name, name: own } = operation.body as { table?: string; name?: string };
      if ((name ?? own) === table.name) kept.operations.push(operation);
    }
    return kept.operations.length > 0 ? kept : kept.add(table);
  }

  const domain = () => domainAfter(implement(), assign('203.0.113.10'));
  const firewall = (of: Domain) => planCommand(applyFirewall(), of).changes;
  const filters = ['CS_EXTNET_FWD_42', 'CS_EXTNET_FWRULES_42', 'CS_EXTNET_FWI_203.0.113.10'];

  it('leaves them in force until all is done, then removes them with what leads to them', async () => {
    const { host, session } = await hostWith([...all]);
    const of = domain();
    await session.change(of, firewall(of));
    expect(host.deleted).toEqual(['CS_EXTNET_42_PR']);
    await session.takeOverFilters(of);
    expect(host.deleted.slice(1).sort()).toEqual([...filters, 'rule 7'].sort());
    expect(await session.isTableKnown()).toBe(true);
    await session.takeOverFilters(of);
    expect(host.deleted).toHaveLength(5);
  });

  it('removes none that has no rules of ours in its place', async () => {
    const { host, session } = await hostWith([...all, theirs('filter', 'CS_EXTNET_ACL_42')]);
    const of = domain();
    await session.change(of, []);
    await session.takeOverFilters(of);
    expect(host.deleted).toEqual(['CS_EXTNET_42_PR']);
    await session.change(of, firewall(of));
    await session.takeOverFilters(of);
    // The ACL may be reached through the forwarding chain.
    expect(host.present.map(({ name }) => name)).toEqual(['CS_EXTNET_FWD_42', 'PREROUTING', 'CS_EXTNET_ACL_42']);
  });

  it('has done it when the answer is lost and they are gone, else it fails and can be repeated', async () => {
    for (const isDone of [true, false]) {
      const { host, session } = await hostWith([...all]);
      const of = domain();
      await session.change(of, firewall(of));
      Object.assign(host, { fault: new UnknownOutcomeError('lost', []), isDone });
      if (!isDone) await expect(session.takeOverFilters(of)).rejects.toThrow(UnknownOutcomeError);
      await session.takeOverFilters(of);
      expect(host.present.map(({ name }) => name)).toEqual(['PREROUTING']);
    }
  });

  it('fails when the kernel refuses, and leaves them', async () => {
    const { host, session } = await hostWith([...all]);
    const of = domain();
    await session.change(of, firewall(of));
    Object.assign(host, { fault: kernelError('EBUSY'), isDone: false });
    await expect(session.takeOverFilters(of)).rejects.toThrow('EBUSY');
    expect(host.deleted).toEqual(['CS_EXTNET_42_PR']);
  });
});

describe('Session.open', () => {
  it('leaves nothing open when a socket cannot be had', async () => {
    const open = readdirSync('/proc/self/fd').length;
    const route = new FakeRoute();
    const kernel = fakeKernel({
      openRoute: async () => route.access,
      openNetfilter: async () => {
        throw new Error('EMFILE');
      },
    });
    await expect(Session.open('cs-net-42', kernel)).rejects.toThrow('EMFILE');
    expect(route.isClosed).toBe(true);
    expect(readdirSync('/proc/self/fd')).toHaveLength(open);
  });
});

describe('Session.isCurrent', () => {
  it('sees that the namespace was deleted, or made anew', async () => {
    let identity: { device: number; inode: number } | undefined = { device: 4, inode: 1000 };
    const session = await Session.open(
      'cs-net-42',
      fakeKernel({
        isNamespace: () => identity !== undefined,
        identifyNamespace: () => identity ?? { device: 0, inode: 0 },
      }),
    );
    expect(session.isCurrent()).toBe(true);
    identity = undefined;
    expect(session.isCurrent()).toBe(false);
    identity = { device: 4, inode: 1001 };
    expect(session.isCurrent()).toBe(false);
  });
});
