import { getHeapSpaceStatistics } from 'node:v8';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { collect, Rest } from '../../../src/daemon/rest.js';

describe('a daemon that has nothing to do', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('gives memory back once after many commands, not while one is at work, and not after a few', () => {
    const giveBack = vi.fn(async () => undefined);
    const rest = new Rest(giveBack);
    rest.end(200);
    vi.advanceTimersByTime(60_000);
    expect(giveBack).not.toHaveBeenCalled();
    rest.begin();
    vi.advanceTimersByTime(2_000);
    rest.end(1);
    vi.advanceTimersByTime(60_000);
    expect(giveBack).not.toHaveBeenCalled();
    rest.begin();
    vi.advanceTimersByTime(60_000);
    expect(giveBack).toHaveBeenCalledTimes(1);
    rest.end(1);
    rest.begin();
    vi.advanceTimersByTime(60_000);
    expect(giveBack).toHaveBeenCalledTimes(1);
  });

  test('goes on when memory cannot be given back', async () => {
    const giveBack = vi.fn(() => Promise.reject(new Error('no inspector')));
    const rest = new Rest(giveBack);
    for (let turn = 1; turn <= 2; turn++) {
      rest.end(200);
      rest.begin();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(giveBack).toHaveBeenCalledTimes(turn);
    }
  });
});

describe('the engine of this Node', () => {
  test('collects what nobody refers to, and gives back the space for what is new', async () => {
    let garbage: unknown[] | undefined = Array.from({ length: 300_000 }, (_, index) => ({ index }));
    const newSpace = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
    const before = { used: process.memoryUsage().heapUsed, newSpace: newSpace() };
    garbage = undefined;
    await collect();
    expect(garbage).toBeUndefined();
    expect(process.memoryUsage().heapUsed).toBeLessThan(before.used - 8_000_000);
    expect(newSpace()).toBeLessThan(before.newSpace);
  });
});
