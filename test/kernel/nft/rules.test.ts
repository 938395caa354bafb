import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../src/kernel/nft/chain.js';
import { accept, counter, drop, ipv4In, verdict } from '../../../src/kernel/nft/expression.js';
import type { Rule } from '../../../src/kernel/nft/rule.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { Scene } from '../scene.js';

const table: Table = { object: 'table', family: 'ip', name: 't' };
const chain: Chain = { object: 'chain', table, name: 'c' };
const rule = (comment: string, on: Chain = chain): Rule => ({
  object: 'rule',
  chain: on,
  expressions: [counter(), verdict(accept)],
  comment,
});

const comments = (scene: Scene): unknown[] => scene.nftJson('rule').map(({ comment }) => comment);

describe('rules', () => {
  it('are added at the end, inserted at the front, behind and before another one', async () => {
    const scene = await Scene.open();
    const [, , handle = 0] = await scene.netfilter.run(
      new NetfilterTransaction().add(table).add(chain).add(rule('first')),
      { echo: true },
    );
    await scene.netfilter.run(
      new NetfilterTransaction()
        .add(rule('last'))
        .insert(rule('front'))
        .add({ ...rule('behind first'), position: handle })
        .insert({ ...rule('before first'), position: handle }),
    );
    expect(comments(scene)).toEqual(['front', 'before first', 'first', 'behind first', 'last']);
    expect((await scene.netfilter.rules(chain)).map(({ comment }) => comment)).toEqual(comments(scene));
  });

  it('have the handles that echo tells', async () => {
    const scene = await Scene.open();
    const handles = await scene.netfilter.run(
      new NetfilterTransaction()
        .add(table)
        .add(chain)
        .add(rule('one'))
        .add(rule('two'))
        .add({ object: 'set', table, name: 's', key: ['ipv4_addr'] })
        .addElements({ object: 'set', table, name: 's', key: ['ipv4_addr'] }, [{ key: ['192.0.2.1'] }])
        .insert(rule('zero')),
      { echo: true },
    );
    expect(handles).toHaveLength(7);
    const told = (index: number) => handles[index];
    expect(scene.nftJson('table')).toMatchObject([{ handle: told(0) }]);
    expect(scene.nftJson('chain')).toMatchObject([{ handle: told(1) }]);
    expect(scene.nftJson('set')).toMatchObject([{ handle: told(4) }]);
    expect(told(5)).toBeUndefined();
    expect(scene.nftJson('rule')).toMatchObject([
      { comment: 'zero', handle: told(6) },
      { comment: 'one', handle: told(2) },
      { comment: 'two', handle: told(3) },
    ]);
  });

  it('are deleted and replaced by handle', async () => {
    const scene = await Scene.open();
    await scene.netfilter.run(
      new NetfilterTransaction().add(table).add(chain).add(rule('one')).add(rule('two')).add(rule('three')),
    );
    const [one, two, three] = await scene.netfilter.rules(chain);
    if (one === undefined || two === undefined || three === undefined) throw new Error('three rules were added');
    await scene.netfilter.run(
      new NetfilterTransaction()
        .delete(one)
        .replace({ ...two, expressions: [...ipv4In('source', '192.0.2.0', 24), verdict(drop)], comment: 'changed' })
        .delete({ object: 'rule', chain, handle: three.handle }),
    );
    expect(scene.lines()).toContain('ip saddr 192.0.2.0/24 drop comment "changed"');
    expect(comments(scene)).toEqual(['changed']);
    await expect(scene.netfilter.run(new NetfilterTransaction().delete(one))).rejects.toMatchObject({
      code: 'ENOENT',
      attribute: 'handle',
      subject: `rule handle ${one.handle} in chain ip t c`,
    });
    await expect(scene.netfilter.run(new NetfilterTransaction().replace(one))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('are flushed from a chain, and from all of a table', async () => {
    const scene = await Scene.open();
    const other: Chain = { object: 'chain', table, name: 'd' };
    await scene.netfilter.run(
      new NetfilterTransaction()
        .add(table)
        .add(chain)
        .add(other)
        .add(rule('one'))
        .add(rule('two'))
        .add(rule('d', other)),
    );
    await scene.netfilter.run(new NetfilterTransaction().flush(chain).add(rule('new')));
    expect(comments(scene)).toEqual(['new', 'd']);
    await scene.netfilter.run(new NetfilterTransaction().flush(table));
    expect(comments(scene)).toEqual([]);
    expect(scene.nftJson('chain')).toHaveLength(2);
  });

  it('that nft writes read as meant, of a table or a chain', async () => {
    const scene = await Scene.open();
    scene.nft('table ip t { chain c { counter accept comment "ü with words"\n }\n chain d { drop; drop\n }\n }');
    expect(await scene.netfilter.rules(chain)).toEqual([
      {
        object: 'rule',
        chain,
        handle: expect.any(Number),
        expressions: [counter(), expect.anything()],
        comment: 'ü with words',
      },
    ]);
    expect((await scene.netfilter.rules(table)).map((one) => one.chain.name)).toEqual(['c', 'd', 'd']);
    const [, deny] = await scene.netfilter.rules(table);
    expect(deny?.expressions).toEqual([verdict(drop)]);
  });

  it('have comments of 128 bytes at most', async () => {
    const scene = await Scene.open();
    const longest = 'x'.repeat(128);
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(chain).add(rule(longest)));
    expect(comments(scene)).toEqual([longest]);
    expect(() => new NetfilterTransaction().add(rule(`${longest}x`))).toThrow(RangeError);
  });

  it('of a number that needs many messages are all listed', async () => {
    const scene = await Scene.open();
    const transaction = new NetfilterTransaction().add(table).add(chain);
    for (let count = 0; count < 3000; count++) transaction.add(rule(`rule ${count}`));
    await scene.netfilter.run(transaction);
    const read = await scene.netfilter.rules(chain);
    expect(read.map(({ comment }) => comment)).toEqual(Array.from({ length: 3000 }, (_, count) => `rule ${count}`));
  });
});
