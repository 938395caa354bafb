import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortRanges } from '../../../src/dataplane/port-ranges.js';

const anyRange = fc.tuple(fc.nat(60), fc.nat(8)).map(([first, more]) => ({ first, last: first + more }));
/** Of a few entries, which come one after the other for the first time. */
const anyRanges = fc.array(fc.array(anyRange, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe('ranges of ports', () => {
  it('are apart once united, and hold the same ports of the same entries', () => {
    fc.assert(
      fc.property(anyRanges, (entries) => {
        const ranges = new PortRanges();
        for (const [entry, own] of entries.entries()) for (const { first, last } of own) ranges.add(entry, first, last);
        const { entries: places, lows, highs, count } = ranges.united;
        expect([places.length, lows.length, highs.length]).toEqual([count, count, count]);
        for (const [entry, own] of entries.entries()) {
          const united = places.flatMap((place, index) =>
            place === entry ? [{ first: lows[index] ?? -1, last: highs[index] ?? -1 }] : [],
          );
          for (const [index, range] of united.entries()) {
            if (index > 0) expect(range.first).toBeGreaterThan((united[index - 1]?.last ?? 99) + 1);
          }
          for (let port = 0; port <= 70; port++) {
            const isIn = (list: readonly { first: number; last: number }[]) =>
              list.some(({ first, last }) => first <= port && port <= last);
            expect(isIn(united)).toBe(isIn(own));
            expect(ranges.has(entry, port)).toBe(isIn(own));
          }
        }
        expect(ranges.has(entries.length, 5)).toBe(false);
      }),
    );
  });

  it('can go on after they were united', () => {
    const ranges = new PortRanges();
    ranges.add(0, 10, 20);
    expect(ranges.united.count).toBe(1);
    ranges.add(0, 30, 40);
    ranges.add(1, 1, 1);
    expect(ranges.united).toEqual({ entries: [0, 0, 1], lows: [10, 30, 1], highs: [20, 40, 1], count: 3 });
  });
});
