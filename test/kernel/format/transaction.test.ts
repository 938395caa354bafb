// A transaction as text, run by nft, and over netlink by us: the same ruleset.
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { formatTransaction } from '../../../src/format/nft/index.js';
import type { Chain } from '../../../src/kernel/nft/chain.js';
import {
  accept,
  counter,
  drop,
  interfaceIs,
  ipv4,
  jump,
  masquerade,
  objectLookup,
  objectReference,
  verdict,
} from '../../../src/kernel/nft/expression.js';
import type { Rule } from '../../../src/kernel/nft/rule.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { addForward, assign, deleteForward, domainAfter, implement } from '../../unit/commands/builders.js';
import { Scene } from '../scene.js';
import { complaint, theirs } from './oracle.js';
import { domains } from './samples.js';

/** Runs transactions one after the other in two namespaces: here over netlink, there as text. */
async function areSame(...transactions: readonly NetfilterTransaction[]): Promise<string> {
  const [ours, nfts] = [await Scene.open(), await Scene.open()];
  for (const transaction of transactions) {
    await ours.netfilter.run(transaction);
    const text = formatTransaction(transaction);
    expect({ text, complaint: complaint(nfts, text) }).toEqual({ text, complaint: undefined });
    expect(theirs(nfts)).toBe(theirs(ours));
  }
  const [first = new NetfilterTransaction()] = transactions;
  const [named, numeric] = [await Scene.open(), await Scene.open()];
  expect(complaint(named, formatTransaction(first, { names: true }))).toBeUndefined();
  expect(complaint(numeric, formatTransaction(first))).toBeUndefined();
  expect(theirs(named)).toBe(theirs(numeric));
  return theirs(ours);
}

describe('a transaction as nft commands', () => {
  it.each(Object.entries(domains))('makes the table of a domain: %s', async (_, domain) => {
    expect(await areSame(compileAll(domain()))).toContain('table ip cloudstack');
  });

  it('changes it', async () => {
    const domain = domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }));
    const all = compileAll(domain);
    const commands = [
      addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'),
      addForward('tcp 203.0.113.10:8000-8009', '10.1.1.10:8000-8009'),
      addForward('tcp 203.0.113.10:2222', '10.1.1.11:22'),
      assign('203.0.113.11'),
      deleteForward('tcp 203.0.113.10:8000-8009'),
    ];
    const edits = commands.map((command) => applyAndCompile(domain, planCommand(command, domain).changes));
    await areSame(all, ...edits, compileAll(domain));
  });

  const table: Table = { object: 'table', family: 'ip', name: 't', comment: 'whose' };
  const input: Chain = {
    object: 'chain',
    table,
    name: 'input',
    base: { type: 'filter', hook: 'input', priority: -5, policy: 'drop' },
    comment: 'how',
  };
  const other: Chain = { object: 'chain', table, name: 'other' };
  const hosts: NamedSet = { object: 'set', table, name: 'hosts', key: ['ipv4_addr'], interval: true, comment: 'why' };
  const verdicts: NamedSet = { object: 'set', table, name: 'verdicts', key: ['mark'], data: 'verdict', size: 10 };
  const hits: NamedSet = { object: 'set', table, name: 'hits', key: ['ipv4_addr'], data: 'counter' };
  const rule = (chain: Chain, expressions: Rule['expressions'], more: Partial<Rule> = {}): Rule => ({
    object: 'rule',
    chain,
    expressions,
    ...more,
  });
  const build = () =>
    new NetfilterTransaction()
      .destroy(table)
      .create(table)
      .add(input)
      .create(other)
      .add({ object: 'counter', table, name: 'c', packets: 5, bytes: 6, comment: 'what' })
      .create({ object: 'quota', table, name: 'q', bytes: 2048, over: true })
      .add({ object: 'limit', table, name: 'l', rate: 5, per: 'second', burst: 9 })
      .add(hosts)
      .add(verdicts)
      .add(hits)
      .addElements(hosts, [{ key: ['10.0.0.0'], end: ['10.0.0.255'], comment: 'net' }, { key: ['192.0.2.1'] }])
      .addElements(verdicts, [
        { key: [1], data: jump('other') },
        { key: [2], data: drop },
      ])
      .addElements(verdicts, [])
      .addElements(hits, [{ key: ['192.0.2.1'], refersTo: 'c' }])
      .add(rule(input, [counter(), verdict(accept)], { comment: 'last' }))
      .insert(rule(input, [...interfaceIs('iifname', 'eth0'), verdict(jump('other'))]))
      .add(rule(input, [objectReference('quota', 'q'), ipv4.source(), objectLookup('hits')]));

  it('knows every kind of step', async () => {
    await areSame(
      build(),
      new NetfilterTransaction().deleteElements(hosts, [{ key: ['10.0.0.0'], end: ['10.0.0.255'] }]).flush(hits),
      new NetfilterTransaction().flush(input).flush(verdicts).delete(other).delete(verdicts),
      new NetfilterTransaction().delete({ object: 'quota', table, name: 'q', bytes: 0 }).flush(table),
      new NetfilterTransaction().delete(table),
    );
  });

  it('names rules by their handles', async () => {
    const transactions: NetfilterTransaction[] = [build()];
    const scene = await Scene.open();
    await scene.netfilter.run(build());
    const [first, second, third] = await scene.netfilter.rules(input);
    if (first === undefined || second === undefined || third === undefined) throw new Error('no rules');
    transactions.push(
      new NetfilterTransaction()
        .replace({ ...first, expressions: [verdict(drop)] })
        .add(rule(input, [counter()], { position: first.handle }))
        .insert(rule(input, [verdict(accept)], { position: second.handle }))
        .delete(third),
    );
    expect(await areSame(...transactions)).toContain('drop\n\t\tcounter packets 0 bytes 0\n\t\taccept\n\t\tcounter');
  });

  it('says a comment that nft cannot be told as a remark', async () => {
    const text = formatTransaction(
      new NetfilterTransaction()
        .add(table)
        .create({ object: 'counter', table, name: 'c', comment: 'what' })
        .create({ object: 'limit', table, name: 'l', rate: 5, per: 'second' }),
    );
    expect(text).toContain(
      'create counter ip t c packets 0 bytes 0 # comment "what"\ncreate limit ip t l rate 5/second\n',
    );
    expect(complaint(await Scene.open(), text)).toBeUndefined();
  });

  it('is one line a step, and keeps the steps without copying their elements', () => {
    const elements = [{ key: ['10.0.0.1'] }];
    const transaction = new NetfilterTransaction()
      .add(table)
      .addElements(hosts, elements)
      .add(rule(other, [masquerade()]))
      .delete({ object: 'rule', chain: other, handle: 7 });
    const [, step] = transaction.steps;
    expect(step !== undefined && 'elements' in step && step.elements === elements).toBe(true);
    expect(formatTransaction(transaction)).toBe(
      [
        'add table ip t { comment "whose"; }',
        'add element ip t hosts { 10.0.0.1 }',
        'add rule ip t other masquerade',
        'delete rule ip t other handle 7',
        '',
      ].join('\n'),
    );
  });
});
