import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from '../../../src/dataplane/key-table.js';

/** Keys of a few words, many of them equal, or equal but for one bit. */
const anyKeys = fc.integer({ min: 1, max: 5 }).chain((words) =>
  fc.tuple(
    fc.constant(words),
    fc.array(
      fc.array(fc.constantFrom(0, 1, 2, 0x100, 0x80000000, 0xffffffff), { minLength: words, maxLength: words }),
      {
        maxLength: 400,
      },
    ),
  ),
);

function write(table: KeyTable, key: readonly number[]): void {
  const view = new DataView(table.room.buffer);
  for (const [index, word] of key.entries()) view.setUint32(table.count * table.width + 4 * index, word);
}

describe('a table of keys', () => {
  it('has each key once, in the order they came, and finds it', () => {
    fc.assert(
      fc.property(anyKeys, ([words, keys]) => {
        const table = new KeyTable(4 * words);
        const places = new Map<string, number>();
        for (const key of keys) {
          const text = key.join();
          write(table, key);
          expect(table.find()).toBe(places.get(text) ?? -1);
          if (!places.has(text)) places.set(text, places.size);
          write(table, key);
          expect(table.enter()).toBe(places.get(text));
          expect(table.count).toBe(places.size);
        }
        const view = new DataView(table.keys.buffer);
        const read = [...places.keys()].map((_, place) =>
          Array.from({ length: words }, (_, index) => view.getUint32(4 * (place * words + index))).join(),
        );
        expect(read).toEqual([...places.keys()]);
        expect(table.keys.length).toBe(places.size * 4 * words);
      }),
    );
  });

  it('of no fields has one key', () => {
    const table = new KeyTable(0);
    expect([table.find(), table.enter(), table.enter(), table.find(), table.count]).toEqual([-1, 0, 0, 0, 1]);
  });
});
