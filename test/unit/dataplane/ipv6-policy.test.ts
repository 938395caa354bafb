/** What the compiled rules do with a packet over IPv6 is what the lists as they were sent say. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { refusedConnections } from '../../../src/dataplane/refused-connections.js';
import { ipv6Table } from '../../../src/dataplane/tables.js';
import type { Domain } from '../../../src/model/domain.js';
import {
  applyFirewall,
  domainAfter,
  implement,
  implementTier,
  ipv6Side,
  shutdown,
  tierTarget,
} from '../commands/builders.js';
import { firewallOf, type SentFirewallRule } from '../model/sent-rules.js';
import { type Fate, type Flow, fateOfIpv6, isIn, type World } from './policy-oracle.js';
import { type TestPacket, traverse } from './rule-evaluator.js';
import { SimulatedRuleset, type SimulatedTable } from './simulated-ruleset.js';
import { anySituation, type Situation } from './worlds.js';

const runs = { numRuns: Number(process.env.CSN_WORLDS ?? 200) };

function build({ foundation, commands }: Pick<Situation, 'foundation' | 'commands'>): {
  readonly domain: Domain;
  readonly table: SimulatedTable;
} {
  const domain = domainAfter(...foundation);
  const ruleset = new SimulatedRuleset();
  ruleset.run(compileAll(domain));
  for (const command of commands) ruleset.run(applyAndCompile(domain, planCommand(command, domain).changes));
  const table = ruleset.table(ipv6Table.name, 'ip6');
  if (table === undefined) throw new Error('no table');
  return { domain, table };
}

const guestLink = (world: World, id: string) => (world.isVpc ? `vn-${99 + Number(id.slice(1))}-9` : 'vn-100-42');

function transportOf({ protocol, port = 22, start }: Flow): Uint8Array {
  const header = new Uint8Array(protocol === 6 ? 20 : 8);
  header.set([...start, port >> 8, port & 255]);
  if (protocol === 6) header[13] = 2;
  return header;
}

function play(table: SimulatedTable, world: World, flow: Flow, state: TestPacket['state'] = 'new'): Fate {
  const { source, destination, protocol, port } = flow;
  const outside = world.isVpc ? 'vpn-200-9' : 'vpn-200-42';
  const receiver = world.networks.find(({ ipv6 }) => isIn(`${ipv6}::/64`, destination));
  if (destination === `${receiver?.ipv6}::1`) return { end: 'here' };
  const packet = {
    iif: flow.sender === undefined ? outside : guestLink(world, flow.sender),
    oif: receiver === undefined ? outside : guestLink(world, receiver.id),
    ...{ source, destination, protocol, transport: transportOf(flow), state },
  };
  if (traverse(table, 'forward', packet) === undefined) return { end: 'refused' };
  return { end: 'through', to: receiver?.id, destination, ...(port === undefined ? {} : { port }) };
}

describe('the compiled rules of IPv6', { timeout: 60_000 }, () => {
  it('do with every packet what the lists as they were sent say', () => {
    const seen: Record<string, number> = {};
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { world, ipv6Flows } = situation;
        const { table } = build(situation);
        for (const flow of ipv6Flows) {
          const expected = fateOfIpv6(world, flow);
          seen[expected.end] = (seen[expected.end] ?? 0) + 1;
          const fate = expected.end === 'nowhere' ? { end: 'refused' } : expected;
          expect({ flow, fate: play(table, world, flow) }).toEqual({ flow, fate });
        }
      }),
      runs,
    );
    for (const end of ['refused', 'here', 'through']) expect(seen[end] ?? 0).toBeGreaterThan(runs.numRuns);
  });

  it('let through whatever belongs to a connection', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { table } = build(situation);
        for (const flow of situation.ipv6Flows) {
          expect(play(table, situation.world, flow, 'established').end).not.toBe('refused');
        }
      }),
      { numRuns: 40 },
    );
  });

  it('refuse connections exactly when their first packet would be', () => {
    let refused = 0;
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { world, ipv6Flows } = situation;
        const isRefused = refusedConnections(build(situation).domain);
        for (const flow of ipv6Flows) {
          const { end } = fateOfIpv6(world, flow);
          refused += end === 'refused' ? 1 : 0;
          const { source, destination, protocol, port, icmp } = flow;
          const about = {
            protocol,
            ...(port === undefined ? {} : { destinationPort: port }),
            ...(icmp && { icmp: { ...icmp, id: 7 } }),
          };
          const original = { source, destination, ...about };
          const reply = { source: destination, destination: source, protocol };
          const connection = { family: 'inet6', original, reply, status: 0, timeout: 1, mark: 0, id: 1 } as const;
          expect({ flow, refused: isRefused(connection) }).toEqual({ flow, refused: end === 'refused' });
        }
      }),
      runs,
    );
    expect(refused).toBeGreaterThan(runs.numRuns);
  });
});

describe('what lists say of the other family', () => {
  const world: World = {
    isVpc: false,
    networks: [{ id: '42', cidr: '10.1.1.0/24', gateway: '10.1.1.1', ipv6: '2001:db8:a' }],
    addresses: new Map(),
    staticNats: new Map(),
    forwards: [],
  };
  const rule: SentFirewallRule = {
    id: 1,
    type: 'ingress',
    publicIp: '203.0.113.10',
    protocol: 'tcp',
    portStart: 22,
    portEnd: 22,
  };
  const endOf = (rules: readonly SentFirewallRule[], changed: Partial<Flow> = {}) => {
    const firewall = firewallOf({ default_egress_allow: true, cidr: '', rules: [...rules] });
    const { table } = build({
      foundation: [implement({ ipv6: ipv6Side('2001:db8:a') })],
      commands: [applyFirewall(firewall)],
    });
    const places = { sender: undefined, source: '2001:db8:f::9', destination: '2001:db8:a::10' };
    return play(table, world, { ...places, protocol: 6, port: 22, start: [0, 22], ...changed }).end;
  };
  const pinged = (type: number) => ({ protocol: 58, icmp: { type, code: 0 }, start: [type, 0] as const });

  it('does not widen this one', () => {
    expect(endOf([{ ...rule, sourceCidrs: ['0.0.0.0/0'] }])).toBe('refused');
    expect(endOf([{ ...rule, sourceCidrs: ['0.0.0.0/0', '2001:db8:e::/64'] }])).toBe('refused');
    expect(endOf([{ ...rule, sourceCidrs: ['0.0.0.0/0', '2001:db8:f::/64'] }])).toBe('through');
    expect(endOf([{ ...rule, sourceCidrs: [] }])).toBe('through');
  });

  it('is ICMPv6 where it says icmp: echo has other types there', () => {
    const ping = {
      ...rule,
      protocol: 'icmp',
      portStart: -1,
      portEnd: -1,
      icmpType: 8,
      icmpCode: -1,
      sourceCidrs: ['::/0'],
    };
    expect(endOf([ping], pinged(128))).toBe('through');
    expect(endOf([ping], pinged(8))).toBe('refused');
    expect(endOf([{ ...ping, icmpType: 3 }], pinged(3))).toBe('refused');
    expect(endOf([{ ...ping, icmpType: -1 }], pinged(200))).toBe('through');
    expect(endOf([{ ...ping, protocol: 'icmpv6', icmpType: 128 }], pinged(128))).toBe('through');
    expect(endOf([{ ...ping, protocol: 'icmpv6', icmpType: 128 }], pinged(129))).toBe('refused');
  });

  it('says nothing of word that a packet was too big', () => {
    expect(endOf([], pinged(2))).toBe('through');
    expect(endOf([], pinged(1))).toBe('refused');
  });
});

describe('the table of IPv6', () => {
  it('is there as long as a network of the namespace has an IPv6 side, and is made only then', () => {
    const domain = domainAfter(implementTier(1));
    const ruleset = new SimulatedRuleset();
    ruleset.run(compileAll(domain));
    const has = () => ruleset.table(ipv6Table.name, 'ip6') !== undefined;
    const perform = (command: Parameters<typeof planCommand>[0]) =>
      ruleset.run(applyAndCompile(domain, planCommand(command, domain).changes));
    expect(has()).toBe(false);
    perform(implementTier(2, { ipv6: ipv6Side('2001:db8:b2') }));
    expect(has()).toBe(true);
    perform(implementTier(1, { ipv6: ipv6Side('2001:db8:b1') }));
    perform(shutdown(tierTarget(2)));
    expect(has()).toBe(true);
    perform(shutdown(tierTarget(1)));
    expect(has()).toBe(false);
  });

  it('is not there for a network whose gateway is another machine', () => {
    const foundation = [implement({ extensionIp: '10.1.1.2', ipv6: ipv6Side('2001:db8:a') })];
    expect(() => build({ foundation, commands: [] })).toThrow('no table');
  });
});
