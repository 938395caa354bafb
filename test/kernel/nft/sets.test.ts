// Sets and maps of every kind, with elements: nft's listing of ours, and ours of what nft makes of that listing.
import { describe, expect, it } from 'vitest';
import type { Element } from '../../../src/kernel/nft/elements.js';
import { accept, drop, goTo, jump } from '../../../src/kernel/nft/expression.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { Scene } from '../scene.js';

const table: Table = { object: 'table', family: 'ip', name: 't' };

type Case = readonly [
  name: string,
  set: Pick<NamedSet, 'key' | 'data' | 'interval' | 'constant' | 'size' | 'comment'>,
  elements: readonly Element[],
  listing: string,
];

const cases: readonly Case[] = [
  [
    'addresses',
    { key: ['ipv4_addr'] },
    [{ key: ['192.0.2.1'] }, { key: ['255.255.255.255'] }],
    'set s { type ipv4_addr elements = { 192.0.2.1, 255.255.255.255 } }',
  ],
  [
    'IPv6 addresses',
    { key: ['ipv6_addr'] },
    [{ key: ['2001:db8::1'] }, { key: ['::'] }, { key: ['fe80::1:0:0:1'] }],
    'set s { type ipv6_addr elements = { ::, 2001:db8::1, fe80::1:0:0:1 } }',
  ],
  [
    'ports',
    { key: ['inet_service'] },
    [{ key: [22] }, { key: [65535] }, { key: [0] }],
    'set s { type inet_service elements = { 0, 22, 65535 } }',
  ],
  [
    'protocols',
    { key: ['inet_proto'] },
    [{ key: [6] }, { key: [17] }],
    'set s { type inet_proto elements = { tcp, udp } }',
  ],
  [
    'MAC addresses',
    { key: ['ether_addr'] },
    [{ key: ['02:00:5e:00:aa:01'] }],
    'set s { type ether_addr elements = { 02:00:5e:00:aa:01 } }',
  ],
  ['ICMP types', { key: ['icmp_type'] }, [{ key: [8] }], 'set s { type icmp_type elements = { echo-request } }'],
  [
    'ICMPv6 types',
    { key: ['icmpv6_type'] },
    [{ key: [128] }],
    'set s { type icmpv6_type elements = { echo-request } }',
  ],
  [
    'marks',
    { key: ['mark'] },
    [{ key: [7] }, { key: [0xfedcba98] }],
    'set s { type mark elements = { 0x00000007, 0xfedcba98 } }',
  ],
  [
    'links by name',
    { key: ['ifname'] },
    [{ key: ['eth0'] }, { key: ['a.234567890abcd'] }],
    'set s { type ifname elements = { "a.234567890abcd", "eth0" } }',
  ],
  ['links by index', { key: ['iface_index'] }, [{ key: [1] }], 'set s { type iface_index elements = { "lo" } }'],
  [
    'a concatenation',
    { key: ['ipv4_addr', 'inet_proto', 'inet_service'] },
    [{ key: ['192.0.2.1', 6, 80] }, { key: ['192.0.2.1', 17, 53] }],
    'set s { type ipv4_addr . inet_proto . inet_service elements = { 192.0.2.1 . tcp . 80, 192.0.2.1 . udp . 53 } }',
  ],
  [
    'a concatenation of what is in host order',
    { key: ['ifname', 'mark', 'ether_addr'] },
    [{ key: ['eth0', 7, '02:00:5e:00:aa:01'] }],
    'set s { type ifname . mark . ether_addr elements = { "eth0" . 0x00000007 . 02:00:5e:00:aa:01 } }',
  ],
  [
    'intervals of addresses',
    { key: ['ipv4_addr'], interval: true },
    [
      { key: ['0.0.0.0'], end: ['0.255.255.255'] },
      { key: ['10.0.0.0'], end: ['10.255.255.255'] },
      { key: ['192.0.2.1'] },
      { key: ['192.0.2.3'], end: ['192.0.2.9'] },
      { key: ['255.255.255.0'], end: ['255.255.255.255'] },
    ],
    'set s { type ipv4_addr flags interval elements = { 0.0.0.0/8, 10.0.0.0/8, 192.0.2.1, 192.0.2.3-192.0.2.9, 255.255.255.0/24 } }',
  ],
  [
    'the interval of everything',
    { key: ['ipv4_addr'], interval: true },
    [{ key: ['0.0.0.0'], end: ['255.255.255.255'] }],
    'set s { type ipv4_addr flags interval elements = { 0.0.0.0/0 } }',
  ],
  [
    'the last address as an interval',
    { key: ['ipv4_addr'], interval: true },
    [{ key: ['255.255.255.255'] }],
    'set s { type ipv4_addr flags interval elements = { 255.255.255.255 } }',
  ],
  [
    'intervals of IPv6',
    { key: ['ipv6_addr'], interval: true },
    [
      { key: ['2001:db8::'], end: ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'] },
      { key: ['ffff::'], end: ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'] },
    ],
    'set s { type ipv6_addr flags interval elements = { 2001:db8::/32, ffff::/16 } }',
  ],
  [
    'intervals of ports',
    { key: ['inet_service'], interval: true },
    [{ key: [0], end: [1] }, { key: [22] }, { key: [1000], end: [2000] }, { key: [65000], end: [65535] }],
    'set s { type inet_service flags interval elements = { 0-1, 22, 1000-2000, 65000-65535 } }',
  ],
  [
    'intervals of marks, which compare as numbers',
    { key: ['mark'], interval: true },
    [
      { key: [255], end: [256] },
      { key: [0x1000], end: [0x2fff] },
    ],
    'set s { type mark flags interval elements = { 0x000000ff-0x00000100, 0x00001000-0x00002fff } }',
  ],
  [
    'concatenated intervals',
    { key: ['ipv4_addr', 'inet_service'], interval: true },
    [
      { key: ['10.0.0.0', 80], end: ['10.255.255.255', 89] },
      { key: ['192.0.2.1', 0], end: ['192.0.2.1', 65535] },
      { key: ['255.255.255.0', 65535], end: ['255.255.255.255', 65535] },
    ],
    'set s { type ipv4_addr . inet_service flags interval elements = { 10.0.0.0/8 . 80-89, 192.0.2.1 . 0-65535, 255.255.255.0/24 . 65535 } }',
  ],
  [
    'concatenated intervals with a mark',
    { key: ['ipv4_addr', 'mark'], interval: true },
    [{ key: ['192.0.2.1', 255], end: ['192.0.2.1', 256] }],
    'set s { type ipv4_addr . mark flags interval elements = { 192.0.2.1 . 0x000000ff-0x00000100 } }',
  ],
  [
    'concatenated intervals with a link',
    { key: ['ifname', 'ipv4_addr'], interval: true },
    [{ key: ['eth0', '10.0.0.0'], end: ['eth0', '10.0.255.255'] }],
    'set s { type ifname . ipv4_addr flags interval elements = { "eth0" . 10.0.0.0/16 } }',
  ],
  [
    'a map of addresses',
    { key: ['ipv4_addr'], data: ['ipv4_addr'] },
    [
      { key: ['192.0.2.1'], data: ['10.0.0.1'] },
      { key: ['192.0.2.2'], data: ['10.0.0.2'] },
    ],
    'map s { type ipv4_addr : ipv4_addr elements = { 192.0.2.1 : 10.0.0.1, 192.0.2.2 : 10.0.0.2 } }',
  ],
  [
    'a map of port forwards',
    { key: ['ipv4_addr', 'inet_proto', 'inet_service'], data: ['ipv4_addr', 'inet_service'] },
    [{ key: ['192.0.2.1', 6, 80], data: ['10.0.0.1', 8080] }],
    'map s { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service elements = { 192.0.2.1 . tcp . 80 : 10.0.0.1 . 8080 } }',
  ],
  [
    'a map to marks',
    { key: ['ifname'], data: ['mark'] },
    [{ key: ['eth0'], data: [7] }],
    'map s { type ifname : mark elements = { "eth0" : 0x00000007 } }',
  ],
  [
    'an interval map',
    { key: ['ipv4_addr'], data: ['mark'], interval: true },
    [
      { key: ['10.0.0.0'], end: ['10.0.0.255'], data: [1] },
      { key: ['10.0.1.0'], end: ['10.0.1.255'], data: [2] },
      { key: ['224.0.0.0'], end: ['255.255.255.255'], data: [3] },
    ],
    'map s { type ipv4_addr : mark flags interval elements = { 10.0.0.0/24 : 0x00000001, 10.0.1.0/24 : 0x00000002, 224.0.0.0/3 : 0x00000003 } }',
  ],
  [
    'a concatenated interval map',
    { key: ['ipv4_addr', 'inet_service'], data: ['ipv4_addr'], interval: true },
    [{ key: ['192.0.2.1', 1000], end: ['192.0.2.1', 2000], data: ['10.0.0.1'] }],
    'map s { type ipv4_addr . inet_service : ipv4_addr flags interval elements = { 192.0.2.1 . 1000-2000 : 10.0.0.1 } }',
  ],
  [
    'a verdict map',
    { key: ['ifname'], data: 'verdict' },
    [
      { key: ['eth0'], data: accept },
      { key: ['eth1'], data: drop },
      { key: ['eth2'], data: jump('one') },
      { key: ['eth3'], data: goTo('two') },
      { key: ['eth4'], data: { code: 'return' } },
    ],
    'map s { type ifname : verdict elements = { "eth0" : accept, "eth1" : drop, "eth2" : jump one, "eth3" : goto two, "eth4" : return } }',
  ],
  [
    'an interval verdict map',
    { key: ['ipv4_addr'], data: 'verdict', interval: true },
    [
      { key: ['10.0.0.0'], end: ['10.0.0.255'], data: jump('one') },
      { key: ['255.0.0.0'], end: ['255.255.255.255'], data: drop },
    ],
    'map s { type ipv4_addr : verdict flags interval elements = { 10.0.0.0/24 : jump one, 255.0.0.0/8 : drop } }',
  ],
  [
    'a concatenated interval verdict map',
    { key: ['ipv4_addr', 'inet_service'], data: 'verdict', interval: true },
    [{ key: ['10.0.0.0', 80], end: ['10.0.0.255', 90], data: accept }],
    'map s { type ipv4_addr . inet_service : verdict flags interval elements = { 10.0.0.0/24 . 80-90 : accept } }',
  ],
  [
    'a map to counters',
    { key: ['ipv4_addr'], data: 'counter' },
    [{ key: ['192.0.2.1'], refersTo: 'hits' }],
    'map s { type ipv4_addr : counter elements = { 192.0.2.1 : "hits" } }',
  ],
  [
    'a map to limits',
    { key: ['ipv4_addr'], data: 'limit', interval: true },
    [{ key: ['192.0.2.0'], end: ['192.0.2.255'], refersTo: 'slow' }],
    'map s { type ipv4_addr : limit flags interval elements = { 192.0.2.0/24 : "slow" } }',
  ],
  [
    'comments on set and elements, a size',
    { key: ['ipv4_addr'], size: 16, comment: 'the hosts' },
    [{ key: ['192.0.2.1'], comment: 'the first' }, { key: ['192.0.2.2'] }],
    'set s { type ipv4_addr size 16 comment "the hosts" elements = { 192.0.2.1 comment "the first", 192.0.2.2 } }',
  ],
  [
    'comments on intervals',
    { key: ['ipv4_addr'], interval: true },
    [
      { key: ['10.0.0.0'], end: ['10.255.255.255'], comment: 'private' },
      { key: ['240.0.0.0'], end: ['255.255.255.255'], comment: 'reserved' },
    ],
    'set s { type ipv4_addr flags interval elements = { 10.0.0.0/8 comment "private", 240.0.0.0/4 comment "reserved" } }',
  ],
  [
    'comments in a data map',
    { key: ['ipv4_addr'], data: ['ipv4_addr'] },
    [{ key: ['192.0.2.1'], data: ['10.0.0.1'], comment: 'one' }],
    'map s { type ipv4_addr : ipv4_addr elements = { 192.0.2.1 comment "one" : 10.0.0.1 } }',
  ],
  [
    'an empty constant set',
    { key: ['inet_service'], constant: true },
    [],
    'set s { type inet_service flags constant }',
  ],
];

const byKey = (elements: readonly Element[]) =>
  [...elements].sort((left, right) => (JSON.stringify(left.key) < JSON.stringify(right.key) ? -1 : 1));

/** A table with what the elements refer to, and the set. */
function withSet(set: NamedSet): NetfilterTransaction {
  return new NetfilterTransaction()
    .add(table)
    .add({ object: 'chain', table, name: 'one' })
    .add({ object: 'chain', table, name: 'two' })
    .add({ object: 'counter', table, name: 'hits' })
    .add({ object: 'limit', table, name: 'slow', rate: 5, per: 'second' })
    .add(set);
}

/** The elements in the order of their text: that of a hash table differs from run to run. */
const sorted = (text: string) =>
  text.replace(/(?<=elements = \{ ).*(?= \} \})/, (elements) => elements.split(', ').sort().join(', '));

/** The set in nft's listing, on one line. */
function listing(scene: Scene): string {
  const text = scene.ruleset();
  const start = text.search(/(set|map) s \{/);
  return sorted(text.slice(start, text.indexOf('\n\t}', start) + 3).replace(/\s+/g, ' '));
}

describe('sets and maps', () => {
  it.each(cases)(
    '%s: as meant to nft, read back, as nft writes it, emptied, deleted',
    async (_, properties, elements, text) => {
      const scene = await Scene.open();
      const set: NamedSet = { object: 'set', table, name: 's', ...properties };
      await scene.netfilter.run(withSet(set).addElements(set, elements));
      expect(listing(scene)).toBe(sorted(text));
      const listed = [{ ...set, handle: expect.any(Number) }];
      expect(await scene.netfilter.sets(table)).toEqual(listed);
      expect(byKey(await scene.netfilter.elements(set))).toEqual(byKey(elements));

      // What nft makes of its own listing reads the same.
      const ruleset = scene.ruleset();
      await scene.netfilter.run(new NetfilterTransaction().destroy(table));
      scene.nft(ruleset);
      expect(await scene.netfilter.sets(table)).toEqual(listed);
      const [again = set] = await scene.netfilter.sets(table);
      expect(byKey(await scene.netfilter.elements(again))).toEqual(byKey(elements));

      if (set.constant !== true) {
        // Deleted one by one, from what nft wrote; added again and flushed.
        await scene.netfilter.run(new NetfilterTransaction().deleteElements(set, elements));
        expect(await scene.netfilter.elements(set)).toEqual([]);
        expect(listing(scene)).not.toContain('elements');
        await scene.netfilter.run(new NetfilterTransaction().addElements(set, elements));
        expect(listing(scene)).toBe(sorted(text));
        await scene.netfilter.run(new NetfilterTransaction().flush(set));
        expect(listing(scene)).not.toContain('elements');
      }
      await scene.netfilter.run(new NetfilterTransaction().delete(set));
      expect(await scene.netfilter.sets(table)).toEqual([]);
    },
  );

  it('of types we have no name for are listed with an empty key, and their elements in hexadecimal digits', async () => {
    const scene = await Scene.open();
    scene.nft(
      'table ip t { set s { type ct_state; elements = { new }\n }\n map m { type dscp : ipv4_addr; elements = { 1 : 192.0.2.1 }\n }\n }',
    );
    const sets = await scene.netfilter.sets(table);
    expect(sets).toMatchObject([
      { name: 's', key: [] },
      { name: 'm', key: [], data: ['ipv4_addr'] },
    ]);
    const [states, codes] = await Promise.all(sets.map((set) => scene.netfilter.elements(set)));
    expect(states).toEqual([{ key: ['08000000'] }]);
    expect(codes).toEqual([{ key: ['01'], data: ['192.0.2.1'] }]);
  });
});

describe('values that are none', () => {
  it.each([
    ['ipv4_addr', '192.0.2.256', 'IPv4 address'],
    ['ipv4_addr', '192.0.2', 'IPv4 address'],
    ['ipv4_addr', '192.0.2.01', 'IPv4 address'],
    ['ipv6_addr', '192.0.2.1', 'IPv6 address'],
    ['ether_addr', '02:00:00:00:00', 'MAC address'],
    ['inet_service', 65536, 'port'],
    ['inet_service', '80', 'port'],
    ['inet_proto', -1, 'protocol number'],
    ['mark', 2 ** 32, 'mark'],
    ['mark', 1.5, 'mark'],
    ['ifname', 'sixteen-letters-', 'interface name'],
    ['ifname', '', 'interface name'],
  ] as const)('%s %j is refused before anything is sent', (type, value, words) => {
    const set: NamedSet = { object: 'set', table, name: 's', key: [type] };
    expect(() => new NetfilterTransaction().addElements(set, [{ key: [value] }])).toThrow(
      new TypeError(`${JSON.stringify(value)} is no ${words}`),
    );
    expect(() => new NetfilterTransaction().addElements({ ...set, interval: true }, [{ key: [value] }])).toThrow(
      TypeError,
    );
  });

  it('a key of too few fields and a map’s element without data are refused', () => {
    const set: NamedSet = { object: 'set', table, name: 's', key: ['ipv4_addr', 'mark'], data: ['mark'] };
    const add = (element: Element) => new NetfilterTransaction().addElements(set, [element]);
    expect(() => add({ key: ['192.0.2.1'], data: [1] })).toThrow('expected 2 fields, got 1');
    expect(() => add({ key: ['192.0.2.1', 1] })).toThrow('map s: an element has no data');
    expect(() => add({ key: ['192.0.2.1', 1], data: accept })).toThrow('map s: an element has no data');
  });
});
