// Rules and elements at random, of what the kernel layer can say: printed as nft prints them, and understood by it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAll } from '../../../src/dataplane/compile.js';
import { formatRule, formatTransaction } from '../../../src/format/nft/index.js';
import type { Chain } from '../../../src/kernel/nft/chain.js';
import type { Element } from '../../../src/kernel/nft/elements.js';
import {
  accept,
  bytesOf,
  type Comparison,
  cmp,
  concatenationRegisters,
  connectionHas,
  counter,
  ct,
  drop,
  type Expression,
  fib,
  immediate,
  interfaceIs,
  ipv4,
  ipv4In,
  jump,
  limit,
  log,
  lookup,
  meta,
  nat,
  notIn,
  objectReference,
  payload,
  protocolIs,
  range,
  reject,
  setMeta,
  transport,
  verdict,
} from '../../../src/kernel/nft/expression.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import type { TypeName, Value } from '../../../src/kernel/nft/type.js';
import { anyHistory } from '../../unit/commands/arbitraries.js';
import { carryOut } from '../../unit/commands/builders.js';
import { Scene } from '../scene.js';
import { complaint, ours, theirs } from './oracle.js';

const runs = Number(process.env.CSN_FORMAT_RUNS ?? 60);
const table: Table = { object: 'table', family: 'ip', name: 't' };
const chain = (name: string, base?: Chain['base']): Chain => ({
  object: 'chain',
  table,
  name,
  ...(base === undefined ? {} : { base }),
});

const dotted = (number: number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');
/** Few and many addresses, beginnings and ends of prefixes among them. */
const ipNumber = fc.oneof(
  fc.integer({ min: 0x0a000000, max: 0x0a00001f }),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 0xffffffff, 0x0a0000ff, 0x0affffff),
);
const byte = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 255 }));
const port = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 65535 }));
const mark = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 0xffffffff }));
const link = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
const hexadecimal = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const word = fc.stringMatching(/^[a-zA-Z0-9 ,.:;{}#'-]{1,40}$/);

/** Values of a field as numbers, so that one can be the greater; undefined for types that have no ranges here. */
interface Field {
  readonly type: TypeName;
  readonly value: fc.Arbitrary<Value>;
  readonly range?: fc.Arbitrary<readonly [Value, Value]>;
}

const ordered = (number: fc.Arbitrary<number>, text: (number: number) => Value) =>
  fc.tuple(number, number).map(([one, other]) => [text(Math.min(one, other)), text(Math.max(one, other))] as const);
const numeric = (type: TypeName, number: fc.Arbitrary<number>, text: (number: number) => Value = (n) => n): Field => ({
  type,
  value: number.map(text),
  range: ordered(number, text),
});
const prefix = fc.tuple(ipNumber, fc.integer({ min: 0, max: 32 })).map(([number, length]): readonly [Value, Value] => {
  const size = 2 ** (32 - length);
  const first = Math.floor(number / size) * size;
  return [dotted(first), dotted(first + size - 1)];
});

const address: Field = {
  type: 'ipv4_addr',
  value: ipNumber.map(dotted),
  range: fc.oneof(prefix, ordered(ipNumber, dotted)),
};
const fields: readonly Field[] = [
  address,
  numeric('inet_proto', byte),
  numeric('inet_service', port),
  numeric('icmp_type', byte),
  { type: 'mark', value: mark },
  { type: 'ifname', value: link },
  { type: 'iface_index', value: fc.integer({ min: 1, max: 1000 }) },
  {
    type: 'ether_addr',
    value: fc.array(hexadecimal(2), { minLength: 6, maxLength: 6 }).map((bytes) => bytes.join(':')),
  },
  {
    type: 'ipv6_addr',
    value: fc.constantFrom('::', '::1', '::ffff:1.2.3.4', 'fe80::1:0:0:1', '2001:db8::', '1:2:3:4:5:6:7:8'),
  },
];

const tuple = <T>(arbitraries: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T[]> => fc.tuple(...arbitraries);
const comment = fc.option(word, { nil: undefined, freq: 5 });
const verdictOf = fc.constantFrom(accept, drop, jump('target'), { code: 'return' } as const);

interface Filled {
  readonly set: NamedSet;
  readonly elements: readonly Element[];
}

/** Sets and maps of any fields with elements; of single fields as intervals that do not overlap. */
function anySet(name: string): fc.Arbitrary<Filled> {
  const keys = fc.array(fc.constantFrom(...fields), { minLength: 1, maxLength: 3 });
  const kind = fc.constantFrom<'none' | 'verdict' | 'values'>('none', 'verdict', 'values');
  return fc
    .tuple(keys, fc.array(fc.constantFrom(...fields), { minLength: 1, maxLength: 2 }), kind, fc.boolean(), comment)
    .chain(([key, values, dataKind, wantsIntervals, setComment]) => {
      // nft 1.0.6 reads numbers in host order the wrong way round where an interval leads to several fields.
      const turned = values.length > 1 && values.some(({ type }) => type === 'mark' || type === 'iface_index');
      const interval =
        wantsIntervals &&
        key.some((field) => field.range !== undefined) &&
        (key.length > 1 || key[0] === address) &&
        !(dataKind === 'values' && turned);
      const set: NamedSet = {
        object: 'set',
        table,
        name,
        key: key.map(({ type }) => type),
        ...(dataKind === 'none' ? {} : { data: dataKind === 'verdict' ? 'verdict' : values.map(({ type }) => type) }),
        ...(interval ? { interval } : {}),
        ...(setComment === undefined ? {} : { comment: setComment }),
      };
      const data: fc.Arbitrary<Element['data']> =
        dataKind === 'none'
          ? fc.constant(undefined)
          : dataKind === 'verdict'
            ? verdictOf
            : tuple(values.map(({ value }) => value));
      const ends = tuple(
        key.map(({ value, range: within }) =>
          interval && within !== undefined ? within : value.map((one) => [one, one] as const),
        ),
      );
      const one = fc.record({ ends, data, comment }).map(
        ({ ends: both, data: leads, comment: note }): Element => ({
          key: both.map(([first]) => first),
          ...(interval ? { end: both.map(([, last]) => last) } : {}),
          ...(leads === undefined ? {} : { data: leads }),
          ...(note === undefined ? {} : { comment: note }),
        }),
      );
      // One interval only: others could overlap it. Single values may be many.
      const list = fc.uniqueArray(one, {
        maxLength: interval ? 1 : 12,
        selector: ({ key: values_ }) => values_.join(' '),
      });
      return list.map((elements) => ({ set, elements }));
    });
}

const addressBytes = address.value.map((value) => bytesOf('ipv4_addr', value));
const portBytes = port.map((value) => bytesOf('inet_service', value));
const operator = fc.constantFrom<Comparison>('eq', 'neq', 'lt', 'lte', 'gt', 'gte');
const either = fc.constantFrom<'eq' | 'neq'>('eq', 'neq');
const [first = 1, second = 9, third = 10, fourth = 11] = concatenationRegisters([
  'ipv4_addr',
  'inet_proto',
  'inet_service',
  'ipv4_addr',
]);

/** Ports of a protocol that was asked for. */
const ports = fc.tuple(fc.constantFrom(6, 17, 132), fc.boolean()).chain(([protocol, isSource]) => {
  const load = isSource ? transport.sourcePort() : transport.destinationPort();
  return fc.oneof(
    fc.tuple(operator, portBytes).map(([how, value]) => [...protocolIs(protocol), load, cmp(how, value)]),
    fc
      .tuple(
        either,
        ordered(port, (number) => number),
      )
      .map(([how, [from, to]]) => [
        ...protocolIs(protocol),
        load,
        range(how, bytesOf('inet_service', from), bytesOf('inet_service', to)),
      ]),
    fc.constant([...protocolIs(protocol), load, lookup('ports')]),
  );
});

/** One or a few instructions that compare something. */
const comparison: fc.Arbitrary<readonly Expression[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom<'iifname' | 'oifname'>('iifname', 'oifname'), link)
    .map(([key, name]) => interfaceIs(key, name)),
  fc
    .tuple(
      fc.constantFrom<'source' | 'destination'>('source', 'destination'),
      address.value,
      fc.integer({ min: 1, max: 32 }),
    )
    .map(([field, value, length]) => ipv4In(field, String(value), length)),
  fc.tuple(either, addressBytes).map(([how, value]) => [ipv4.source(), cmp(how, value)]),
  fc
    .tuple(either, ordered(ipNumber, dotted))
    .map(([how, [from, to]]) => [ipv4.destination(), range(how, bytesOf('ipv4_addr', from), bytesOf('ipv4_addr', to))]),
  ports,
  ports,
  fc
    .tuple(byte, fc.option(byte, { nil: undefined }))
    .map(([type, code]) => [
      ...protocolIs(1),
      payload('transport', 0, 1),
      cmp('eq', Uint8Array.of(type)),
      ...(code === undefined ? [] : [payload('transport', 1, 1), cmp('eq', Uint8Array.of(code))]),
    ]),
  fc.integer({ min: 1, max: 15 }).map((bits) => connectionHas('state', bits)),
  fc.constantFrom(16, 32, 48, 512).map((bits) => connectionHas('status', bits)),
  fc.tuple(either, mark).map(([how, value]) => [meta('mark'), cmp(how, bytesOf('mark', value))]),
  fc.tuple(either, mark).map(([how, value]) => [ct('mark'), cmp(how, bytesOf('mark', value))]),
  fc.constantFrom([ipv4.source(), lookup('hosts')], [ipv4.destination(), notIn('hosts')]),
  fc.constant([meta('iifname'), lookup('links')]),
  fc.constant([
    ipv4.destination(first),
    meta('l4proto', second),
    transport.destinationPort(third),
    ipv4.source(fourth),
    lookup('flows', first),
  ]),
  fc.constant([...protocolIs(1), ipv4.destination(first), payload('transport', 0, 1, second), lookup('pings', first)]),
  fc.integer({ min: 1, max: 5 }).map((type) => [fib('type', ['daddr']), cmp('eq', bytesOf('mark', type))]),
);

/** Instructions that act and let the packet go on. */
const action: fc.Arbitrary<readonly Expression[]> = fc.oneof(
  fc.record({ packets: fc.nat(), bytes: fc.nat() }).map((start) => [counter(start)]),
  fc.constant([objectReference('counter', 'hits')]),
  fc
    .record({
      rate: fc.integer({ min: 1, max: 100_000 }),
      of: fc.constantFrom<'packets' | 'bytes'>('packets', 'bytes'),
      per: fc.constantFrom<'second' | 'minute' | 'hour'>('second', 'minute', 'hour'),
      burst: fc.integer({ min: 1, max: 10_000 }),
      over: fc.boolean(),
    })
    .map((rate) => [limit(rate)]),
  word.map((text) => [log({ prefix: text })]),
  mark.map((value) => [immediate(bytesOf('mark', value)), setMeta('mark')]),
);

const ending: fc.Arbitrary<readonly Expression[]> = fc.oneof(
  fc.constant([]),
  verdictOf.map((decision) => [verdict(decision)]),
  fc.integer({ min: 0, max: 13 }).map((code) => [reject('icmp', code)]),
  fc.constant([ipv4.destination(), lookup('verdicts', 1, 0)]),
);

const rule = fc
  .record({
    comparisons: fc.array(comparison, { maxLength: 4 }),
    actions: fc.array(action, { maxLength: 2 }),
    ending,
    comment,
  })
  // A rule that asks for two protocols matches nothing, and nft would not write it.
  .filter(
    ({ comparisons }) =>
      comparisons.flat().filter(({ data }) => data && 'key' in data && data.key === 'l4proto').length < 2,
  )
  .map(({ comparisons, actions, ending: last, comment: note }) => ({
    expressions: [...comparisons, ...actions, last].flat(),
    ...(note === undefined ? {} : { comment: note }),
  }))
  .filter(({ expressions }) => expressions.length > 0);

const sets: readonly NamedSet[] = [
  { object: 'set', table, name: 'hosts', key: ['ipv4_addr'], interval: true },
  { object: 'set', table, name: 'ports', key: ['inet_service'] },
  { object: 'set', table, name: 'links', key: ['ifname'] },
  { object: 'set', table, name: 'flows', key: ['ipv4_addr', 'inet_proto', 'inet_service', 'ipv4_addr'] },
  { object: 'set', table, name: 'pings', key: ['ipv4_addr', 'icmp_type'] },
  { object: 'set', table, name: 'verdicts', key: ['ipv4_addr'], data: 'verdict' },
];

/** A table with what rules and elements refer to. */
function prepared(): NetfilterTransaction {
  const transaction = new NetfilterTransaction().destroy(table).add(table).add(chain('target'));
  for (const set of sets) transaction.add(set);
  return transaction.add({ object: 'counter', table, name: 'hits' });
}

/** Over netlink here, as text there: nft lists both as we print them. */
async function check(netlink: Scene, text: Scene, transaction: NetfilterTransaction): Promise<void> {
  await netlink.netfilter.run(transaction);
  const commands = formatTransaction(transaction);
  expect({ commands, complaint: complaint(text, commands) }).toEqual({ commands, complaint: undefined });
  const listing = await ours(netlink);
  expect(listing).toBe(theirs(netlink));
  expect(await ours(netlink, true)).toBe(theirs(netlink, true));
  expect(theirs(text)).toBe(listing);
  expect(complaint(text, `flush ruleset\n${listing}`)).toBeUndefined();
  expect(theirs(text)).toBe(listing);
}

describe('at random', () => {
  it('sets', { timeout: 120_000 }, async () => {
    const [netlink, text] = [await Scene.open(), await Scene.open()];
    await fc.assert(
      fc.asyncProperty(fc.tuple(anySet('one'), anySet('other')), async (filled) => {
        const transaction = prepared();
        for (const { set, elements } of filled) transaction.add(set).addElements(set, elements);
        await check(netlink, text, transaction);
      }),
      { numRuns: runs },
    );
  });

  it('rules', { timeout: 120_000 }, async () => {
    const [netlink, text] = [await Scene.open(), await Scene.open()];
    const input = chain('input', { type: 'filter', hook: 'input', priority: 0, policy: 'accept' });
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 12 }), async (rules) => {
        const transaction = prepared().add(input);
        for (const one of rules) transaction.add({ object: 'rule', chain: input, ...one });
        await check(netlink, text, transaction);
      }),
      { numRuns: runs },
    );
  });

  it('translations', { timeout: 120_000 }, async () => {
    const [netlink, text] = [await Scene.open(), await Scene.open()];
    const pre = chain('pre', { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' });
    const translation = fc
      .record({
        protocol: fc.constantFrom(6, 17),
        to: addressBytes,
        port: fc.option(portBytes, { nil: undefined }),
        flags: fc.subarray(['random', 'persistent'] as const),
      })
      .map(({ protocol, to, port: toPort, flags }) => [
        ...protocolIs(protocol),
        immediate(to),
        ...(toPort === undefined ? [] : [immediate(toPort, 2)]),
        nat('dnat', { address: 1, ...(toPort === undefined ? {} : { port: 2 }) }, 'ip', flags),
      ]);
    await fc.assert(
      fc.asyncProperty(fc.array(translation, { minLength: 1, maxLength: 8 }), async (rules) => {
        const transaction = prepared().add(pre);
        for (const expressions of rules) transaction.add({ object: 'rule', chain: pre, expressions });
        await check(netlink, text, transaction);
      }),
      { numRuns: runs / 3 },
    );
  });

  it('domains', { timeout: 120_000 }, async () => {
    const [netlink, text] = [await Scene.open(), await Scene.open()];
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ domain, commands }) => {
        for (const command of commands) {
          try {
            carryOut(domain, command);
          } catch {
            // Not possible on this domain.
          }
        }
        await check(netlink, text, compileAll(domain, true));
      }),
      { numRuns: runs / 2 },
    );
  });

  it('instructions without sense are printed all the same', () => {
    const names =
      'meta ct payload fib immediate bitwise byteorder cmp range lookup objref nat masq redir reject counter limit log match target unheard'.split(
        ' ',
      );
    const register = fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 23), fc.integer());
    const bytes = fc.record({ value: fc.uint8Array({ maxLength: 20 }) }, { requiredKeys: [] });
    const data = fc.record(
      {
        source: register,
        destination: register,
        key: fc.oneof(fc.string(), fc.integer(), fc.constantFrom('mark', 'l4proto', 'state', 'toString')),
        base: fc.constantFrom('link', 'network', 'transport', 'inner', 7),
        offset: fc.nat(64),
        length: fc.nat(64),
        operator: fc.oneof(fc.constantFrom('eq', 'neq', 'gte', 'lte', 'hton'), fc.nat()),
        data: bytes,
        from: bytes,
        to: bytes,
        mask: bytes,
        xor: bytes,
        set: fc.constantFrom('s', 'm', 'unknown'),
        type: fc.oneof(fc.nat(8), fc.constantFrom('dnat', 'icmp')),
        addressMin: register,
        portMin: register,
        flags: fc.integer(),
        rate: fc.nat(),
        unit: fc.nat(),
      },
      { requiredKeys: [] },
    );
    const instruction = fc.record({ name: fc.constantFrom(...names), data }, { requiredKeys: ['name'] });
    const known = new Map(sets.map((set) => [set.name, { set, elements: [] }]));
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 8 }), (expressions) => {
        const text = formatRule({ object: 'rule', chain: chain('c'), expressions: expressions as Expression[] }, known);
        expect(typeof text).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });
});
