import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../../src/contract/command.js';
import { type Call, Calls, type CallsOptions, callOf } from '../../../src/executor/calls.js';
import { SharedUse } from '../../../src/executor/shared-use.js';
import { TooLateError } from '../../../src/executor/time-limit.js';
import type { DomainId } from '../../../src/model/domain.js';
import type { FileEdit } from '../../../src/state/file-edit.js';
import { Trace } from '../../../src/trace/trace.js';
import { domainAfter, implement, saveUserData } from '../commands/builders.js';

/** A host on which state is all there is, and writing it takes as long as the test wants. */
function slowHost() {
  const published: string[][] = [];
  let discarded = 0;
  const writes: (() => void)[] = [];
  const nothing = async () => undefined;
  const state = {
    root: '/',
    prepare: async (_: DomainId, edits: readonly FileEdit[]) => {
      await new Promise<void>((resolve) => writes.push(resolve));
      return {
        publish: async () => {
          published.push(edits.map(({ path }) => path));
          return { undo: nothing, tidy: nothing, flush: nothing };
        },
        discard: async () => {
          discarded++;
        },
      };
    },
  };
  const services = { restorer: () => nothing, check: nothing, stopUnwanted: nothing, converge: nothing };
  const domain = domainAfter(implement());
  const find = async () => ({ domain, state, services, sharedUse: new SharedUse(), trace: new Trace(), limits: [] });
  const options = {
    domains: { find, remember: () => undefined, forget: () => undefined },
    announcer: {},
    serving: { follow: nothing, end: () => undefined },
    stateOf: () => state,
  };
  const write = async () => {
    while (writes.length === 0) await vi.advanceTimersByTimeAsync(1);
    writes.shift()?.();
  };
  return {
    calls: new Calls(options as unknown as CallsOptions),
    published,
    write,
    get discarded() {
      return discarded;
    },
  };
}

const call = (command: Command, timeout: number | undefined): Call =>
  callOf({ extension: 'net', command, isDryRun: false, timeout, warnings: [] }, new Trace());

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('calls that are carried out together', () => {
  it('when one of them is not waited for any more, are taken back, and the others are carried out', async () => {
    const host = slowHost();
    const hasty = call(saveUserData('10.1.1.10'), 1_000);
    const patient = call(saveUserData('10.1.1.11'), undefined);
    const carriedOut = host.calls.carryOut([hasty, patient]);
    const told = vi.fn();
    hasty.limit.keep(told);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.mock.calls).toEqual([[{ error: expect.any(TooLateError) }]]);
    expect(hasty.limit.error.message).toMatch(/took longer than 1 s; what it had done is taken back/);
    await host.write();
    await host.write();
    expect(await carriedOut).toMatchObject([{ error: { name: 'TooLateError' } }, { result: {} }]);
    expect(host.discarded).toBe(1);
    expect(host.published).toEqual([['network-42/metadata/10.1.1.11']]);
  });

  it('are not begun when nobody waits for them any more', async () => {
    const host = slowHost();
    const late = call(saveUserData('10.1.1.10'), 1_000);
    const told = vi.fn();
    late.limit.keep(told);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.mock.calls).toEqual([[{ error: expect.any(TooLateError) }]]);
    expect(late.limit.error.message).toMatch(/it was not begun/);
    const carriedOut = host.calls.carryOut([late, call(saveUserData('10.1.1.11'), 1_000)]);
    await host.write();
    expect(await carriedOut).toMatchObject([{ error: { name: 'TooLateError' } }, { result: {} }]);
    expect(host.published).toHaveLength(1);
  });
});
