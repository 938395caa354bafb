import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../../src/kernel/route/rule.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { type Json, Scene } from '../scene.js';

type Case = [name: string, rule: Omit<PolicyRule, 'object' | 'priority'>, ip: string, expected: Json];

const prefix = (text: string) => {
  const [address = '', length] = text.split('/');
  return { address, length: Number(length) };
};

// Each rule as we write it, as `ip rule add` writes it, and as `ip -j` shows it.
const cases: Case[] = [
  [
    'from',
    { from: prefix('10.0.0.0/8'), table: 100 },
    'from 10.0.0.0/8 table 100',
    { src: '10.0.0.0', srclen: 8, table: '100' },
  ],
  [
    'to',
    { to: prefix('192.0.2.0/24'), table: 100_000 },
    'to 192.0.2.0/24 table 100000',
    { dst: '192.0.2.0', dstlen: 24, table: '100000' },
  ],
  ['input link', { inputLink: 'lo', table: 5 }, 'iif lo table 5', { iif: 'lo' }],
  ['output link', { outputLink: 'lo', table: 5 }, 'oif lo table 5', { oif: 'lo' }],
  ['mark', { mark: 7, markMask: 0xffffffff, table: 5 }, 'fwmark 7 table 5', { fwmark: '0x7' }],
  [
    'mark and mask',
    { mark: 0x10, markMask: 0xf0, table: 5 },
    'fwmark 0x10/0xf0 table 5',
    { fwmark: '0x10', fwmask: '0xf0' },
  ],
  ['protocol', { ipProtocol: 6, table: 5 }, 'ipproto tcp table 5', { ipproto: 'tcp' }],
  ['source port', { sourcePorts: { first: 80, last: 80 }, table: 5 }, 'sport 80 table 5', { sport: 80 }],
  [
    'destination ports',
    { destinationPorts: { first: 1000, last: 2000 }, table: 5 },
    'dport 1000-2000 table 5',
    { dport_start: 1000, dport_end: 2000 },
  ],
  [
    'not',
    { not: true, from: prefix('10.0.0.0/8'), table: 5 },
    'not from 10.0.0.0/8 table 5',
    { not: null, src: '10.0.0.0' },
  ],
  [
    'unreachable',
    { from: prefix('10.0.0.0/8'), action: 'unreachable' },
    'from 10.0.0.0/8 unreachable',
    { action: 'unreachable' },
  ],
  ['prohibit', { from: prefix('10.0.0.0/8'), action: 'prohibit' }, 'from 10.0.0.0/8 prohibit', { action: 'prohibit' }],
  [
    'blackhole',
    { from: prefix('10.0.0.0/8'), action: 'blackhole' },
    'from 10.0.0.0/8 blackhole',
    { action: 'blackhole' },
  ],
  [
    'IPv6',
    { from: prefix('2001:db8::/32'), to: prefix('2001:db8:1::/48'), table: 300 },
    '-6 from 2001:db8::/32 to 2001:db8:1::/48 table 300',
    { src: '2001:db8::', srclen: 32, dst: '2001:db8:1::', dstlen: 48, table: '300' },
  ],
];

describe('policy rules', () => {
  it.each(cases)('%s: as meant to ip, as ip writes it to us, and deleted', async (_, properties, ip, expected) => {
    const scene = await Scene.open();
    const six = ip.startsWith('-6 ');
    const family = six ? 'inet6' : 'inet';
    const show = `${six ? '-6 ' : ''}rule show priority 50`;
    const rule: PolicyRule = { object: 'rule', ...properties, priority: 50 };
    await scene.route.run(new RouteTransaction().add(rule));
    expect(scene.ipJson(show)).toMatchObject([{ priority: 50, ...expected }]);
    await expect(scene.route.run(new RouteTransaction().add(rule))).rejects.toMatchObject({ code: 'EEXIST' });
    const ours = (await scene.route.rules(family)).filter(({ priority }) => priority === 50);
    expect(ours).toEqual([
      {
        object: 'rule',
        family,
        priority: 50,
        table: properties.table ?? 0,
        action: 'table',
        not: false,
        ...properties,
      },
    ]);
    await scene.route.run(new RouteTransaction().delete(rule));
    expect(scene.ipJson(show)).toEqual([]);

    scene.ip(`${six ? '-6 ' : ''}rule add priority 50 ${ip.replace('-6 ', '')}`);
    expect((await scene.route.rules(family)).filter(({ priority }) => priority === 50)).toEqual(ours);
  });

  it('of a new namespace are the three the kernel makes', async () => {
    const scene = await Scene.open();
    expect(await scene.route.rules('inet')).toMatchObject([
      { priority: 0, table: 255 },
      { priority: 32766, table: 254 },
      { priority: 32767, table: 253 },
    ]);
  });
});
