// More elements than one message holds, and what becomes of elements that cannot be.
import { describe, expect, it } from 'vitest';
import type { Element } from '../../../src/kernel/nft/elements.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { Scene } from '../scene.js';

const table: Table = { object: 'table', family: 'ip', name: 't' };
const set = (properties: Pick<NamedSet, 'key' | 'data' | 'interval' | 'size'>): NamedSet => ({
  object: 'set',
  table,
  name: 's',
  ...properties,
});

/** The address of a number, counted from 10.0.0.0. */
const address = (number: number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;

const many = 20_000;
const numbers = Array.from({ length: many }, (_, index) => index);

type Case = readonly [name: string, set: NamedSet, element: (number: number) => Element];

const cases: readonly Case[] = [
  ['a hash set', set({ key: ['ipv4_addr'] }), (number) => ({ key: [address(number)] })],
  [
    'a data map of concatenations',
    set({ key: ['ipv4_addr', 'inet_proto', 'inet_service'], data: ['ipv4_addr', 'inet_service'] }),
    (number) => ({ key: ['192.0.2.1', 6, number], data: [address(number), 65535 - number] }),
  ],
  [
    'an interval set',
    set({ key: ['ipv4_addr'], interval: true }),
    (number) => ({ key: [address(4 * number)], end: [address(4 * number + 2)] }),
  ],
  [
    'a verdict map',
    set({ key: ['ipv4_addr'], data: 'verdict' }),
    (number) => ({ key: [address(number)], data: { code: number % 2 === 0 ? 'accept' : 'drop' } }),
  ],
  [
    'a set with comments',
    set({ key: ['ipv4_addr'] }),
    (number) => ({ key: [address(number)], comment: `element ${number}` }),
  ],
];

describe(`${many} elements in one call`, () => {
  it.each(cases)('%s: all of them, none after they are deleted', async (_, of, element) => {
    const scene = await Scene.open();
    const elements = numbers.map(element);
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(of).addElements(of, elements));
    const [listed] = scene.nftJson(of.data === undefined ? 'set' : 'map');
    expect(listed?.elem).toHaveLength(many);
    const order = (list: readonly Element[]) => new Map(list.map((one) => [one.key.join(' '), one]));
    expect(order(await scene.netfilter.elements(of))).toEqual(order(elements));
    await scene.netfilter.run(new NetfilterTransaction().deleteElements(of, elements));
    expect(await scene.netfilter.elements(of)).toEqual([]);
  });

  it('concatenated intervals, which take longer each: 5,000', async () => {
    const scene = await Scene.open();
    const of = set({ key: ['ipv4_addr', 'inet_service'], interval: true });
    const elements = numbers.slice(0, 5000).map((number) => ({
      key: [address(256 * number), 1000],
      end: [address(256 * number + 255), 1000 + (number % 1000)],
    }));
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(of).addElements(of, elements));
    expect(scene.nftJson('set')[0]?.elem).toHaveLength(5000);
    expect(await scene.netfilter.elements(of)).toHaveLength(5000);
  });

  it('an interval without an end among them tears no other one apart', async () => {
    const scene = await Scene.open();
    const of = set({ key: ['ipv4_addr'], interval: true });
    const others = numbers
      .slice(0, 5000)
      .map((number) => ({ key: [address(4 * number)], end: [address(4 * number + 2)] }));
    const elements: Element[] = [{ key: ['224.0.0.0'], end: ['255.255.255.255'] }, ...others];
    const { operations } = new NetfilterTransaction().addElements(of, elements);
    for (const { body } of operations) {
      const { flags } = (body as { packed: { flags: Uint8Array } }).packed;
      expect(flags[0]).toBe(0);
    }
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(of).addElements(of, elements));
    expect(await scene.netfilter.elements(of)).toEqual([...others, elements[0]]);
  });
});

describe('elements', () => {
  const map = set({ key: ['ipv4_addr'], data: ['ipv4_addr'] });

  it('that exist with the same data are left, with other data an error', async () => {
    const scene = await Scene.open();
    const element: Element = { key: ['192.0.2.1'], data: ['10.0.0.1'] };
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(map).addElements(map, [element]));
    await scene.netfilter.run(new NetfilterTransaction().addElements(map, [element]));
    const other: Element = { key: ['192.0.2.1'], data: ['10.0.0.2'] };
    await expect(scene.netfilter.run(new NetfilterTransaction().addElements(map, [other]))).rejects.toMatchObject({
      code: 'EEXIST',
      subject: 'element 192.0.2.1 of map ip t s',
    });
    await scene.netfilter.run(new NetfilterTransaction().deleteElements(map, [element]).addElements(map, [other]));
    expect(await scene.netfilter.elements(map)).toEqual([other]);
  });

  it('that do not exist cannot be deleted', async () => {
    const scene = await Scene.open();
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(map));
    await expect(
      scene.netfilter.run(new NetfilterTransaction().deleteElements(map, [{ key: ['192.0.2.1'] }])),
    ).rejects.toMatchObject({ code: 'ENOENT', verb: 'delete' });
  });

  it('beyond the size are refused, all of them', async () => {
    const scene = await Scene.open();
    const of = set({ key: ['inet_service'], size: 3 });
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(of));
    const elements = [1, 2, 3, 4].map((port) => ({ key: [port] }));
    await expect(scene.netfilter.run(new NetfilterTransaction().addElements(of, elements))).rejects.toMatchObject({
      code: 'ENFILE',
      subject: '4 elements of set ip t s',
    });
    expect(await scene.netfilter.elements(of)).toEqual([]);
    await scene.netfilter.run(new NetfilterTransaction().addElements(of, elements.slice(0, 3)));
    expect(await scene.netfilter.elements(of)).toHaveLength(3);
  });

  it('that overlap are refused', async () => {
    const scene = await Scene.open();
    const of = set({ key: ['inet_service'], interval: true });
    const transaction = new NetfilterTransaction()
      .add(table)
      .add(of)
      .addElements(of, [
        { key: [10], end: [20] },
        { key: [15], end: [30] },
      ]);
    await expect(scene.netfilter.run(transaction)).rejects.toMatchObject({ code: 'EEXIST', index: 2 });
    expect(scene.ruleset()).toBe('');
  });
});
