import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Rest } from '../../../src/daemon/rest.js';

describe('a daemon that has nothing to do', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('gives memory back once after many commands, not while one is at work, and not after a few', () => {
    const collect = vi.fn();
    const rest = new Rest(collect);
    rest.end(200);
    vi.advanceTimersByTime(60_000);
    expect(collect).not.toHaveBeenCalled();
    rest.begin();
    vi.advanceTimersByTime(2_000);
    rest.end(1);
    vi.advanceTimersByTime(60_000);
    expect(collect).not.toHaveBeenCalled();
    rest.begin();
    vi.advanceTimersByTime(60_000);
    expect(collect).toHaveBeenCalledTimes(1);
    rest.end(1);
    rest.begin();
    vi.advanceTimersByTime(60_000);
    expect(collect).toHaveBeenCalledTimes(1);
  });

  test('with the engine of this Node, what nobody refers to is gone', () => {
    const rest = new Rest();
    let garbage: unknown[] | undefined = Array.from({ length: 300_000 }, (_, index) => ({ index }));
    const before = process.memoryUsage().heapUsed;
    garbage = undefined;
    rest.end(200);
    rest.begin();
    vi.advanceTimersByTime(60_000);
    expect(garbage).toBeUndefined();
    expect(process.memoryUsage().heapUsed).toBeLessThan(before - 8_000_000);
  });
});
