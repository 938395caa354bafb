import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../src/kernel/nft/chain.js';
import { objectReference } from '../../../src/kernel/nft/expression.js';
import type { NamedCounter, NamedObject } from '../../../src/kernel/nft/named-object.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { Scene } from '../scene.js';

const table: Table = { object: 'table', family: 'ip', name: 't' };

const cases: [lines: string[], object: NamedObject][] = [
  [
    ['counter hits {', 'comment "what came"', 'packets 3 bytes 200'],
    { object: 'counter', table, name: 'hits', packets: 3, bytes: 200, comment: 'what came' },
  ],
  [['quota monthly {', '1 mbytes'], { object: 'quota', table, name: 'monthly', bytes: 2 ** 20 }],
  [
    ['quota exceeded {', 'over 2 kbytes used 1 kbytes'],
    { object: 'quota', table, name: 'exceeded', bytes: 2048, over: true, used: 1024 },
  ],
  [
    ['limit slow {', 'rate 10/minute'],
    { object: 'limit', table, name: 'slow', rate: 10, per: 'minute', of: 'packets', burst: 5 },
  ],
  [
    ['limit thin {', 'rate over 1 kbytes/second burst 2 kbytes'],
    { object: 'limit', table, name: 'thin', rate: 1024, of: 'bytes', per: 'second', burst: 2048, over: true },
  ],
];

describe('named objects', () => {
  it.each(cases)('%s: as meant to nft, read back, as nft writes it, deleted', async (lines, object) => {
    const scene = await Scene.open();
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(object));
    expect(scene.lines()).toEqual(['table ip t {', ...lines, '}', '}']);
    const read = { used: object.object === 'quota' ? 0 : undefined, ...object, handle: expect.any(Number) };
    expect(await scene.netfilter.objects(table)).toEqual([read]);

    const text = scene.ruleset();
    await scene.netfilter.run(new NetfilterTransaction().destroy(table));
    scene.nft(text);
    expect(await scene.netfilter.objects(table)).toEqual([read]);

    await expect(scene.netfilter.run(new NetfilterTransaction().create(object))).rejects.toMatchObject({
      code: 'EEXIST',
      subject: `${object.object} ip t ${object.name}`,
    });
    await scene.netfilter.run(new NetfilterTransaction().delete(object));
    expect(await scene.netfilter.objects(table)).toEqual([]);
  });

  it('count for every rule that refers to them', async () => {
    const scene = await Scene.open();
    scene.ip('link set lo up');
    const chain: Chain = {
      object: 'chain',
      table,
      name: 'c',
      base: { type: 'filter', hook: 'output', priority: 0, policy: 'accept' },
    };
    const hits: NamedCounter = { object: 'counter', table, name: 'hits' };
    const rule = { object: 'rule', chain, expressions: [objectReference('counter', 'hits')] } as const;
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(hits).add(chain).add(rule).add(rule));
    scene.nft('add rule ip t c counter name "hits"');
    const { run } = await import('../native/scratch.js');
    run(['ping', '-c', '1', '-W', '1', '127.0.0.1'], scene.name);
    const [counted] = await scene.netfilter.objects(table);
    // A request and its answer, by each of three rules.
    expect(counted).toMatchObject({ object: 'counter', packets: 6, bytes: 6 * 84 });
    await expect(scene.netfilter.run(new NetfilterTransaction().delete(hits))).rejects.toMatchObject({ code: 'EBUSY' });
  });
});
