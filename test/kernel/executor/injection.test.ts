/**
 * Failures in the middle of commands. Each scenario is a call on a host in a certain state; it is played once undisturbed, and then once
 * for each of many failures: the kernel refuses one operation, an answer is lost before or after the work was done, something cannot be
 * read, a socket or namespace cannot be had, the disk is full. Every time the call must fail with one line and leave links, addresses,
 * routes, rules, sysctls, namespaces and files exactly as they were, and its repeat must end as if nothing had happened.
 *
 * What cannot be taken back comes last, and then the call succeeds: when a namespace is gone, its links go with it. Links that were of
 * no use (their other end gone) are deleted on the way and stay deleted; connections that were ended stay ended when what comes after
 * fails; a table that somebody else had damaged stays repaired.
 *
 * `CSN_EVERY_FAULT=1` tries every failure at every point (some minutes) instead of a choice.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InjectionPool } from './injection-pool.js';
import { scenarios, sideBySideName } from './scenarios.js';

const everything = process.env.CSN_EVERY_FAULT === '1';

describe.concurrent('a failure in the middle of', () => {
  let pool: InjectionPool;
  let failures = 0;

  beforeAll(() => {
    pool = new InjectionPool(2);
  });
  afterAll(() => {
    pool.end();
    // Issue 2 asks for 100; a filter of tests (-t) is no reason to fail.
    if (failures > 0) process.stdout.write(`failures injected: ${failures}\n`);
  });

  test.each([...scenarios.map(({ name }) => name), sideBySideName])(
    '%s',
    { timeout: everything ? 300_000 : 120_000 },
    async (name) => {
      const report = await pool.play(name);
      failures += report.cases;
      expect(report.problems.join('\n')).toBe('');
      expect(report.cases).toBeGreaterThan(1);
    },
  );
});
