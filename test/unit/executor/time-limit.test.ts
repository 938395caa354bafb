import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeLimit, TooLateError } from '../../../src/executor/time-limit.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a call is told that comes to this. */
function kept<Result>(limit: TimeLimit, result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const ended = limit.keep<Result>((outcome) =>
      'error' in outcome ? reject(outcome.error) : resolve(outcome.result),
    );
    result.then(
      (value) => ended({ result: value }),
      (error: unknown) => ended({ error }),
    );
  });
}

/** What came of a call that never ends by itself, after some milliseconds. */
async function passing(limit: TimeLimit, milliseconds: number, result = new Promise<string>(() => undefined)) {
  const answer = kept(limit, result).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(milliseconds);
  return Promise.race([answer, Promise.resolve('no answer yet')]);
}

describe('the time limit of a call', () => {
  it('is nothing to a call that ends before it', async () => {
    const limit = new TimeLimit('assign-ip', 60_000);
    expect(await kept(limit, Promise.resolve('done'))).toBe('done');
    await expect(kept(limit, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
    expect(limit.isOver).toBe(false);
  });

  it('ends the waiting of a call, which is not begun then', async () => {
    const limit = new TimeLimit('assign-ip', 60_000);
    expect(await passing(limit, 59_999)).toBe('no answer yet');
    const answer = await passing(limit, 60_000);
    expect(answer).toBeInstanceOf(TooLateError);
    expect(answer).toMatchObject({
      message: expect.stringMatching(/^assign-ip: waited for 60 s .* it was not begun$/),
    });
    expect(limit.isOver).toBe(true);
  });

  it('stops a call that is at work at its next step', async () => {
    const limit = new TimeLimit('assign-ip', 2_000);
    limit.begin();
    expect(() => limit.check()).not.toThrow();
    expect(await passing(limit, 2_000)).toMatchObject({
      message: 'assign-ip: took longer than 2 s; what it had done is taken back',
    });
    expect(() => limit.check()).toThrow(TooLateError);
  });

  it('tells only what came first', async () => {
    const told: unknown[] = [];
    const late = new TimeLimit('assign-ip', 2_000);
    const ended = late.keep<string>((outcome) => told.push(outcome));
    await vi.advanceTimersByTimeAsync(2_000);
    ended({ result: 'taken back' });
    expect(told).toEqual([{ error: late.error }]);
  });

  it('waits for what cannot be taken back', async () => {
    const limit = new TimeLimit('assign-ip', 2_000);
    limit.begin();
    limit.finish();
    expect(await passing(limit, 10_000)).toBe('no answer yet');
    expect(limit.isOver).toBe(false);
  });

  it('is none when the caller waits', async () => {
    expect(await passing(new TimeLimit('assign-ip', undefined), 1e9)).toBe('no answer yet');
  });
});
