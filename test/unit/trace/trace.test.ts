import { describe, expect, it } from 'vitest';
import { sinceStart, Trace, traceText } from '../../../src/trace/trace.js';

describe('a trace', () => {
  it('adds up what is measured, also of work that fails', async () => {
    const trace = new Trace();
    trace.add('kernel', 1.5);
    trace.add('kernel', 0.25);
    expect(trace.of('kernel')).toBe(1.75);
    expect(trace.of('plan')).toBeUndefined();
    expect(trace.at('plan', () => 7)).toBe(7);
    await expect(
      trace.during('state', async () => {
        throw new Error('no room');
      }),
    ).rejects.toThrow('no room');
    expect(trace.of('plan')).toBeGreaterThanOrEqual(0);
    expect(trace.of('state')).toBeGreaterThanOrEqual(0);
  });

  it('includes what was measured for several calls', () => {
    const [own, common] = [new Trace(), new Trace()];
    own.add('parse', 1);
    common.add('kernel', 2);
    own.transaction = { trace: common, calls: 4 };
    expect([own.of('kernel'), own.own('kernel')]).toEqual([2, undefined]);
    expect(traceText(own, 12.3456)).toBe(
      [
        'trace: parse         1000 µs',
        'trace: kernel        2000 µs',
        'trace: whole        12346 µs',
        'trace: together with 3 other calls\n',
      ].join('\n'),
    );
  });

  it('believes a client when what it says can be true', () => {
    const now = 5_000_000_000n;
    expect(sinceStart('4999000000', now)).toBe(1);
    expect(['5000000001', '-1', '1e3', '', 'x', undefined].map((text) => sinceStart(text, now))).toEqual(
      Array(6).fill(undefined),
    );
    expect(sinceStart('1', 61_000_000_000n)).toBeUndefined();
  });
});
