/**
 * The ruleset in a real kernel: after every command of random histories it must be the one that is made from the whole domain, as `nft`
 * reads both. What the kernel refuses (an element that is not there, a chain that is referred to, intervals that overlap) fails the test.
 */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/commands/command-error.js';
import { planCommand } from '../../../src/commands/index.js';
import { planTogether } from '../../../src/commands/plan-together.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { ipv6Table, table } from '../../../src/dataplane/tables.js';
import { native } from '../../../src/kernel/native.js';
import { NetfilterSocket } from '../../../src/kernel/netfilter-socket.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { applyChange, invert } from '../../../src/model/change.js';
import { canonicalRuleset } from '../../host/ruleset.js';
import { anyHistory, type History } from '../../unit/commands/arbitraries.js';

const histories = Number(process.env.CSN_HISTORIES ?? 25);

describe('the ruleset in the kernel', () => {
  /** One namespace is changed step by step, the other always made anew. */
  const names = [`ruleset-${process.pid}-steps`, `ruleset-${process.pid}-whole`] as const;
  let steps: NetfilterSocket;
  let whole: NetfilterSocket;

  beforeAll(async () => {
    for (const name of names) await native.createNamespace(name);
    steps = await NetfilterSocket.open(names[0]);
    whole = await NetfilterSocket.open(names[1]);
  });
  afterAll(async () => {
    await steps?.close();
    await whole?.close();
    for (const name of names) await native.deleteNamespace(name).catch(() => undefined);
  });

  function listed(name: string): string[] {
    const argv = ['netns', 'exec', name, 'nft', '-j', 'list', 'ruleset'];
    return canonicalRuleset(execFileSync('ip', argv, { encoding: 'utf8' }));
  }

  async function isAsTheWhole({ domain }: History): Promise<void> {
    await whole.run(compileAll(domain, true));
    expect(listed(names[0])).toEqual(listed(names[1]));
  }

  let transactions = 0;

  async function play(history: History): Promise<void> {
    const { domain, commands } = history;
    await steps.run(new NetfilterTransaction().destroy(table).destroy(ipv6Table));
    await steps.run(compileAll(domain, true));
    for (const command of commands) {
      let plan: ReturnType<typeof planCommand>;
      try {
        plan = planCommand(command, domain);
      } catch (error) {
        if (error instanceof CommandError) continue;
        throw error;
      }
      domain.present = plan.namespace === 'expect' ? domain.present : plan.namespace === 'ensure';
      if (plan.namespace === 'remove') {
        // The namespace would go; here its table is made anew.
        for (const change of plan.changes) applyChange(domain, change);
        await steps.run(compileAll(domain, true));
        continue;
      }
      if (plan.changes.length === 0) continue;
      transactions++;
      const before = transactions % 4 === 0 ? listed(names[0]) : undefined;
      await steps.run(applyAndCompile(domain, plan.changes));
      await isAsTheWhole(history);
      if (before === undefined) continue;
      await steps.run(applyAndCompile(domain, invert(plan.changes)));
      expect(listed(names[0])).toEqual(before);
      await steps.run(applyAndCompile(domain, plan.changes));
    }
  }

  /** Several commands are one transaction, as when they wait for each other. */
  async function playTogether({ domain, commands }: History): Promise<void> {
    await steps.run(new NetfilterTransaction().destroy(table).destroy(ipv6Table));
    await steps.run(compileAll(domain, true));
    for (let first = 0; first < commands.length; ) {
      const { plan, planned } = planTogether(commands.slice(first), domain);
      first += planned.length;
      if (plan === undefined) continue;
      domain.present = plan.namespace === 'expect' ? domain.present : plan.namespace === 'ensure';
      if (plan.namespace === 'remove') {
        for (const change of plan.changes) applyChange(domain, change);
        await steps.run(compileAll(domain, true));
        continue;
      }
      if (planned.length > 1) merged++;
      await steps.run(applyAndCompile(domain, plan.changes));
      await isAsTheWhole({ domain, commands });
    }
  }
  let merged = 0;

  it('is the same when several commands are one transaction', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyHistory, playTogether), { numRuns: histories });
    expect(merged).toBeGreaterThan(histories);
  });

  it('is the same step by step and as a whole, and as before when changes are taken back', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(fc.asyncProperty(anyHistory, play), { numRuns: histories });
    expect(transactions).toBeGreaterThan(histories * 2);
  });
});
