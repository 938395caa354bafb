import { describe, expect, it } from 'vitest';
import { LinkRemoval } from '../../../src/executor/link-removal.js';
import { KernelError, UnknownOutcomeError } from '../../../src/kernel/errors.js';
import type { Link } from '../../../src/kernel/route/link.js';
import type { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { FakeRoute } from './fake-kernel.js';

/** A host that has links with these indexes; the group of each. */
function hostOf(...indexes: readonly number[]) {
  const groups = new Map(indexes.map((index) => [index, 0]));
  const sent: string[][] = [];
  /** What goes wrong next: errors by the subject of an operation, or an answer that does not come. */
  const faults: { refuse: Map<string, string>; loseAnswer: boolean } = { refuse: new Map(), loseAnswer: false };
  const attempt = async ({ operations }: RouteTransaction) => {
    // Who asks next comes while the kernel waits.
    await new Promise((resolve) => setImmediate(resolve));
    sent.push(operations.map(({ verb, subject }) => `${verb} ${subject}`));
    const failures = operations.flatMap(({ verb, subject, body }, index) => {
      const { index: changed = 0, group = 0 } = body as { index?: number; group?: number };
      const refused = faults.refuse.get(subject);
      const code = refused ?? (verb === 'change' && !groups.has(changed) ? 'ENODEV' : undefined);
      if (code !== undefined) return [new KernelError({ code, errno: 1, verb, subject, index })];
      if (verb === 'change') groups.set(changed, group);
      else for (const [link, own] of groups) if (own === group) groups.delete(link);
      return [];
    });
    if (faults.loseAnswer) {
      faults.loseAnswer = false;
      throw new UnknownOutcomeError('the answer was lost', operations);
    }
    return failures;
  };
  const removal = new LinkRemoval({ ...new FakeRoute().access, attempt });
  return { removal, groups, sent, faults };
}

const link = (index: number, group = 0) => ({ index, group, name: `l${index}` }) as Link;

describe('the removal of links', () => {
  it('takes those of an order by a group of their own', async () => {
    const { removal, groups, sent } = hostOf(1, 2, 3);
    await removal.remove([link(1), link(2)]);
    expect([...groups]).toEqual([[3, 0]]);
    expect(sent.map((operations) => operations.length)).toEqual([2, 1]);
    await removal.remove([]);
    expect(sent).toHaveLength(2);
  });

  it('takes together what is asked for while the kernel waits', async () => {
    const { removal, groups, sent } = hostOf(1, 2, 3, 4, 5);
    await Promise.all([1, 2, 3, 4].map((index) => removal.remove([link(index)])));
    expect([...groups.keys()]).toEqual([5]);
    expect(sent.map((operations) => operations.length)).toEqual([1, 1, 3, 1]);
  });

  it('is content with what is gone already', async () => {
    const { removal, groups } = hostOf(1);
    await removal.remove([link(1), link(7)]);
    await removal.remove([link(7)]);
    expect(groups.size).toBe(0);
  });

  it('lets nobody wait in vain for what is refused of others', async () => {
    const { removal, groups, faults } = hostOf(1, 2, 3, 4);
    const first = removal.remove([link(1)]);
    faults.refuse.set('link with index 3', 'EBUSY');
    const [second, third] = await Promise.allSettled([removal.remove([link(2)]), removal.remove([link(4), link(3)])]);
    await first;
    expect(second.status).toBe('fulfilled');
    expect(third).toMatchObject({ reason: { code: 'EBUSY', subject: expect.stringContaining('index 3') } });
    // Of the refused order nothing is gone, and nothing marked.
    expect([...groups]).toEqual([
      [3, 0],
      [4, 0],
    ]);
  });

  it('tries each alone when all together are refused', async () => {
    const { removal, groups, faults, sent } = hostOf(1, 2, 3);
    const first = removal.remove([link(1)]);
    const others = Promise.allSettled([removal.remove([link(2)]), removal.remove([link(3)])]);
    await first;
    // The group of the next round; its own tries have others.
    const [, group = ''] = /group (\d+)/.exec(sent[1]?.[0] ?? '') ?? [];
    faults.refuse.set(`links of group ${Number(group) + 1}`, 'EPERM');
    expect((await others).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(groups.size).toBe(0);
  });

  it('marks nothing for ever when the answer is lost', async () => {
    const { removal, groups, faults } = hostOf(1, 2);
    faults.loseAnswer = true;
    await expect(removal.remove([link(1, 0), link(2, 0)])).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect([...groups]).toEqual([
      [1, 0],
      [2, 0],
    ]);
    await removal.remove([link(1), link(2)]);
    expect(groups.size).toBe(0);
  });
});
