// Each expression: what nft shows of it, whether nft makes the same of that line, and whether what we read back can be written again.
import { describe, expect, it } from 'vitest';
import type { BaseChain, Chain } from '../../../src/kernel/nft/chain.js';
import {
  accept,
  bitwise,
  byteorder,
  bytesOf,
  cmp,
  concatenationRegisters,
  connectionHas,
  connectionState,
  connectionStatus,
  counter,
  ct,
  drop,
  type Expression,
  fib,
  goTo,
  icmpxCode,
  immediate,
  interfaceIs,
  ipv4,
  ipv4In,
  ipv6,
  ipv6In,
  jump,
  limit,
  log,
  lookup,
  masquerade,
  meta,
  nat,
  notIn,
  notrack,
  objectLookup,
  objectReference,
  payload,
  protocolIs,
  range,
  redirect,
  reject,
  setCt,
  setMeta,
  setPayload,
  shift,
  transport,
  verdict,
} from '../../../src/kernel/nft/expression.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Family, Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import type { TypeName, Value } from '../../../src/kernel/nft/type.js';
import { Scene } from '../scene.js';

const bases: Record<string, BaseChain> = {
  filter: { type: 'filter', hook: 'input', priority: 0 },
  raw: { type: 'filter', hook: 'prerouting', priority: -300 },
  dnat: { type: 'nat', hook: 'prerouting', priority: -100 },
  snat: { type: 'nat', hook: 'postrouting', priority: 100 },
};

const port = (value: number) => bytesOf('inet_service', value);
const address = (value: string) => bytesOf('ipv4_addr', value);
const number = (value: number) => bytesOf('mark', value);
const field = (type: TypeName, value: Value) => bytesOf(type, value);
const tcp = protocolIs(6);
const zero = new Uint8Array(4);

type Case = readonly [line: string, expressions: readonly Expression[], base?: keyof typeof bases];

/** The rules of family `ip`, by the line nft shows. */
const ipCases: readonly Case[] = [
  ['accept', [verdict(accept)]],
  ['drop', [verdict(drop)]],
  ['return', [verdict({ code: 'return' })]],
  ['continue', [verdict({ code: 'continue' })]],
  ['jump target', [verdict(jump('target'))]],
  ['goto target', [verdict(goTo('target'))]],

  ['iifname "eth0" accept', [...interfaceIs('iifname', 'eth0'), verdict(accept)]],
  ['oifname "eth0"', interfaceIs('oifname', 'eth0'), 'snat'],
  ['iif "lo"', [meta('iif'), cmp('eq', number(1))]],
  ['meta length > 1000', [meta('length'), byteorder('hton', 4, 4), cmp('gt', Uint8Array.of(0, 0, 3, 0xe8))]],
  ['meta l4proto tcp', tcp],
  ['meta mark 0x00000007', [meta('mark'), cmp('eq', number(7))]],
  ['meta mark & 0x000000ff == 0x00000001', [meta('mark'), bitwise(number(0xff), zero), cmp('eq', number(1))]],
  ['meta mark set 0x00000005', [immediate(number(5)), setMeta('mark')]],
  ['meta mark set ct mark', [ct('mark'), setMeta('mark')]],
  ['meta mark set meta mark << 8', [meta('mark'), shift('left', 8), setMeta('mark')]],
  ['meta mark set meta mark >> 4', [meta('mark'), shift('right', 4), setMeta('mark')]],
  [
    'meta mark set meta mark | 0x00000100',
    [meta('mark'), bitwise(number(~0x100 >>> 0), number(0x100)), setMeta('mark')],
  ],
  ['meta skuid 0', [meta('skuid'), cmp('eq', zero)]],
  ['iifgroup 7', [meta('iifgroup'), cmp('eq', number(7))]],

  ['ip saddr 192.0.2.1', [ipv4.source(), cmp('eq', address('192.0.2.1'))]],
  ['ip daddr != 192.0.2.1', [ipv4.destination(), cmp('neq', address('192.0.2.1'))]],
  ['ip saddr 10.0.0.0/12', ipv4In('source', '10.9.8.7', 12)],
  ['ip daddr 192.0.2.1', ipv4In('destination', '192.0.2.1', 32)],
  ['ip saddr 192.0.2.1-192.0.2.9', [ipv4.source(), range('eq', address('192.0.2.1'), address('192.0.2.9'))]],
  ['ip saddr != 192.0.2.1-192.0.2.9', [ipv4.source(), range('neq', address('192.0.2.1'), address('192.0.2.9'))]],
  ['ip ttl < 5', [payload('network', 8, 1), cmp('lt', Uint8Array.of(5))]],
  [
    'ip daddr set 192.0.2.7',
    [immediate(address('192.0.2.7')), setPayload('network', 16, 4, 1, { offset: 10, pseudo: true })],
  ],
  ['tcp dport 80', [...tcp, transport.destinationPort(), cmp('eq', port(80))]],
  ['tcp sport >= 1024', [...tcp, transport.sourcePort(), cmp('gte', port(1024))]],
  ['tcp dport 1000-2000', [...tcp, transport.destinationPort(), cmp('gte', port(1000)), cmp('lte', port(2000))]],
  ['udp dport != 53', [...protocolIs(17), transport.destinationPort(), cmp('neq', port(53))]],
  ['icmp type echo-request', [...protocolIs(1), payload('transport', 0, 1), cmp('eq', field('icmp_type', 8))]],

  ['ct state established,related', connectionHas('state', connectionState.established | connectionState.related)],
  ['ct status dnat', connectionHas('status', connectionStatus.dnat)],
  ['ct mark 0x00000005', [ct('mark'), cmp('eq', number(5))]],
  ['ct mark set 0x00000005', [immediate(number(5)), setCt('mark')]],
  ['ct original ip saddr 192.0.2.1', [ct('ip saddr', 1, 'original'), cmp('eq', address('192.0.2.1'))]],
  ['meta l4proto tcp ct reply proto-dst 80', [...tcp, ct('proto-dst', 1, 'reply'), cmp('eq', port(80))]],
  ['ct zone set 3', [immediate(Uint8Array.of(3, 0)), setCt('zone')], 'raw'],

  ['fib daddr type local', [fib('type', ['daddr']), cmp('eq', number(2))]],
  ['fib saddr . iif oif 0', [fib('oif', ['saddr', 'iif']), cmp('eq', zero)]],
  ['fib daddr oifname "lo"', [fib('oifname', ['daddr']), cmp('eq', field('ifname', 'lo'))]],

  ['ip saddr @hosts', [ipv4.source(), lookup('hosts')]],
  ['ip saddr != @hosts', [ipv4.source(), notIn('hosts')]],
  ['meta mark @marks', [meta('mark'), byteorder('hton', 4, 4), lookup('marks')]],
  ['ip daddr vmap @verdicts', [ipv4.destination(), lookup('verdicts', 1, 0)]],
  ['counter name ip saddr map @counters', [ipv4.source(), objectLookup('counters')]],
  ['counter name "hits"', [objectReference('counter', 'hits')]],
  ['quota name "monthly"', [objectReference('quota', 'monthly')]],
  ['limit name "slow"', [objectReference('limit', 'slow')]],

  ['counter packets 0 bytes 0', [counter()]],
  ['counter packets 3 bytes 200', [counter({ packets: 3, bytes: 200 })]],
  ['limit rate 10/second', [limit({ rate: 10, per: 'second' })]],
  ['limit rate 10/minute burst 20 packets', [limit({ rate: 10, per: 'minute', burst: 20 })]],
  ['limit rate over 3/hour', [limit({ rate: 3, per: 'hour', over: true })]],
  ['limit rate 1 mbytes/second', [limit({ rate: 2 ** 20, of: 'bytes', per: 'second' })]],
  [
    'limit rate over 2 kbytes/day burst 10 kbytes',
    [limit({ rate: 2048, of: 'bytes', per: 'day', burst: 10_240, over: true })],
  ],
  ['log', [log()]],
  ['log prefix "dropped: "', [log({ prefix: 'dropped: ' })]],
  ['log prefix "x" level err', [log({ prefix: 'x', level: 'err' })]],
  ['log level debug flags ip options flags skuid', [log({ level: 'debug', flags: ['ip options', 'skuid'] })]],
  [
    'log prefix "x" group 2 snaplen 80 queue-threshold 3',
    [log({ prefix: 'x', group: 2, snapLength: 80, queueThreshold: 3 })],
  ],
  ['reject', [reject('icmp', 3)]],
  ['reject with icmp host-prohibited', [reject('icmp', 10)]],
  ['reject with tcp reset', [...tcp, reject('tcp reset')]],
  ['notrack', [notrack()], 'raw'],

  ['snat to 192.0.2.1', [immediate(address('192.0.2.1')), nat('snat', { address: 1 })], 'snat'],
  [
    'snat to 192.0.2.1-192.0.2.9 persistent',
    [
      immediate(address('192.0.2.1')),
      immediate(address('192.0.2.9'), 2),
      nat('snat', { address: 1, addressMax: 2 }, 'ip', ['persistent']),
    ],
    'snat',
  ],
  [
    'meta l4proto tcp dnat to 192.0.2.1:8080',
    [...tcp, immediate(address('192.0.2.1')), immediate(port(8080), 2), nat('dnat', { address: 1, port: 2 })],
    'dnat',
  ],
  [
    'meta l4proto tcp dnat to 192.0.2.1-192.0.2.9:10-20 random',
    [
      ...tcp,
      immediate(address('192.0.2.1')),
      immediate(address('192.0.2.9'), 2),
      immediate(port(10), 3),
      immediate(port(20), 4),
      nat('dnat', { address: 1, addressMax: 2, port: 3, portMax: 4 }, 'ip', ['random']),
    ],
    'dnat',
  ],
  ['meta l4proto tcp dnat to :8080', [...tcp, immediate(port(8080)), nat('dnat', { port: 1 })], 'dnat'],
  [
    'dnat to ip daddr map @addresses',
    [ipv4.destination(), lookup('addresses', 1, 1), nat('dnat', { address: 1 })],
    'dnat',
  ],
  ['masquerade', [masquerade()], 'snat'],
  ['masquerade fully-random', [masquerade({}, ['fully-random'])], 'snat'],
  [
    'meta l4proto tcp masquerade to :1024-2000',
    [...tcp, immediate(port(1024)), immediate(port(2000), 2), masquerade({ port: 1, portMax: 2 })],
    'snat',
  ],
  ['redirect', [redirect()], 'dnat'],
  ['meta l4proto tcp redirect to :8080', [...tcp, immediate(port(8080)), redirect({ port: 1 })], 'dnat'],
  [
    'meta l4proto tcp redirect to :80-90 random',
    [...tcp, immediate(port(80)), immediate(port(90), 2), redirect({ port: 1, portMax: 2 }, ['random'])],
    'dnat',
  ],
];

const [first = 1, second = 9] = concatenationRegisters(['ipv4_addr', 'inet_service']);

/** What needs a family of both versions, or one of IPv6. */
const inetCases: readonly Case[] = [
  ['reject with icmpx admin-prohibited', [reject('icmpx', icmpxCode.adminProhibited)]],
  ['reject with icmpx no-route', [reject('icmpx', icmpxCode.noRoute)]],
  ['meta nfproto ipv6', [meta('nfproto'), cmp('eq', Uint8Array.of(10))]],
  [
    'ip6 saddr 2001:db8::1',
    [meta('nfproto'), cmp('eq', Uint8Array.of(10)), ipv6.source(), cmp('eq', field('ipv6_addr', '2001:db8::1'))],
  ],
  [
    'ip6 daddr 2001:db8::/33',
    [meta('nfproto'), cmp('eq', Uint8Array.of(10)), ...ipv6In('destination', '2001:db8::1', 33)],
  ],
  [
    'ip saddr . tcp dport @pairs',
    [
      meta('nfproto'),
      cmp('eq', Uint8Array.of(2)),
      ...tcp,
      ipv4.source(first),
      transport.destinationPort(second),
      lookup('pairs'),
    ],
  ],
  [
    'meta l4proto tcp dnat ip6 to [2001:db8::1]:8080',
    [
      ...tcp,
      immediate(field('ipv6_addr', '2001:db8::1')),
      immediate(port(8080), 2),
      nat('dnat', { address: 1, port: 2 }, 'ip6'),
    ],
    'dnat',
  ],
];

/** What nft makes other instructions of, with the same meaning. */
const otherwise = new Set([
  // Two comparisons instead of a range.
  'ip saddr 192.0.2.1-192.0.2.9',
]);

/** A table with what the rules refer to, and a chain of each kind. */
async function prepare(family: Family): Promise<{ scene: Scene; chain: (base: string, name: string) => Chain }> {
  const scene = await Scene.open();
  const table: Table = { object: 'table', family, name: 't' };
  const set = (name: string, properties: Pick<NamedSet, 'key' | 'data' | 'interval'>): NamedSet => ({
    object: 'set',
    table,
    name,
    ...properties,
  });
  const chain = (base: string, name: string): Chain => {
    const hook = bases[base];
    return { object: 'chain', table, name: `${base}-${name}`, ...(hook === undefined ? {} : { base: hook }) };
  };
  const transaction = new NetfilterTransaction()
    .add(table)
    .add({ object: 'chain', table, name: 'target' })
    .add(set('hosts', { key: ['ipv4_addr'] }))
    .add(set('marks', { key: ['mark'], interval: true }))
    .add(set('pairs', { key: ['ipv4_addr', 'inet_service'] }))
    .add(set('verdicts', { key: ['ipv4_addr'], data: 'verdict' }))
    .add(set('addresses', { key: ['ipv4_addr'], data: ['ipv4_addr'] }))
    .add(set('counters', { key: ['ipv4_addr'], data: 'counter' }))
    .add({ object: 'counter', table, name: 'hits' })
    .add({ object: 'quota', table, name: 'monthly', bytes: 1000 })
    .add({ object: 'limit', table, name: 'slow', rate: 5, per: 'second' });
  for (const base of Object.keys(bases)) for (const by of ['ours', 'nfts']) transaction.add(chain(base, by));
  await scene.netfilter.run(transaction);
  return { scene, chain };
}

/** The lines of a chain in a listing. */
function rulesOf(scene: Scene, chain: Chain): string[] {
  const lines = scene.lines();
  const start = lines.indexOf(`chain ${chain.name} {`);
  return lines.slice(start + 2, lines.indexOf('}', start));
}

describe.each([
  ['ip', ipCases],
  ['inet', inetCases],
] as const)('expressions of family %s', (family, cases) => {
  it('are shown by nft as meant, and are what nft makes of the same line', async () => {
    const { scene, chain } = await prepare(family);
    for (const base of Object.keys(bases)) {
      const here = cases.filter(([, , on = 'filter']) => on === base);
      if (here.length === 0) continue;
      const [ours, nfts] = [chain(base, 'ours'), chain(base, 'nfts')];
      const transaction = new NetfilterTransaction();
      for (const [, expressions] of here) transaction.add({ object: 'rule', chain: ours, expressions });
      await scene.netfilter.run(transaction);
      const shown = here.map(([line]) => line);
      expect(rulesOf(scene, ours)).toEqual(shown);

      scene.nft(shown.map((line) => `add rule ${family} t ${nfts.name} ${line}\n`).join(''));
      expect(rulesOf(scene, nfts)).toEqual(shown);
      const read = async (from: Chain) => (await scene.netfilter.rules(from)).map((rule) => rule.expressions);
      const [byUs, byNft] = [await read(ours), await read(nfts)];
      shown.forEach((line, index) => {
        if (otherwise.has(line)) return;
        expect.soft({ line, expressions: byUs[index] }).toEqual({ line, expressions: byNft[index] });
      });

      const again = new NetfilterTransaction().flush(ours);
      for (const expressions of byUs) again.add({ object: 'rule', chain: ours, expressions });
      await scene.netfilter.run(again);
      expect(rulesOf(scene, ours)).toEqual(shown);
    }
  });
});
