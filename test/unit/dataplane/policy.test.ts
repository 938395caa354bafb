/**
 * The core of the engine: what the compiled rules, carried out instruction by instruction, do with a packet is what the page says, and
 * the connections that are ended are those that may not begin any more.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { refusedConnections } from '../../../src/dataplane/refused-connections.js';
import { table as ownTable } from '../../../src/dataplane/tables.js';
import type { Domain } from '../../../src/model/domain.js';
import {
  addForward,
  addStaticNat,
  applyAcl,
  applyFirewall,
  assign,
  domainAfter,
  implement,
  implementTier,
  implementVpc,
  tierTarget,
} from '../commands/builders.js';
import { aclOf, firewallOf } from '../model/sent-rules.js';
import { type Fate, type Flow, fateOf, isIn, type World } from './policy-oracle.js';
import { type TestPacket, traverse } from './rule-evaluator.js';
import { SimulatedRuleset, type SimulatedTable } from './simulated-ruleset.js';
import { anySituation, type Situation } from './worlds.js';

const runs = { numRuns: Number(process.env.CSN_WORLDS ?? 200) };

/** Plays the commands step by step, as the executor does. */
function build({ foundation, commands }: Situation): { readonly domain: Domain; readonly table: SimulatedTable } {
  const domain = domainAfter(...foundation);
  const ruleset = new SimulatedRuleset();
  ruleset.run(compileAll(domain));
  for (const command of commands) ruleset.run(applyAndCompile(domain, planCommand(command, domain).changes));
  return { domain, table: tableOf(ruleset) };
}

function tableOf(ruleset: SimulatedRuleset): SimulatedTable {
  const table = ruleset.table(ownTable.name);
  if (table === undefined) throw new Error('no table');
  return table;
}

/** Flags of TCP (RFC 9293). */
const tcp = {
  synchronize: 0x02,
  acknowledge: 0x10,
  synchronizeAndAcknowledge: 0x12,
  finish: 0x11,
  reset: 0x04,
} as const;

function transportOf({ protocol, port = 22, start }: Flow, flags: number): Uint8Array {
  if (protocol === 2) return Uint8Array.of(0x16);
  // Whatever the protocol: bytes that look like ports, or like a type and a code.
  const header = new Uint8Array(protocol === 6 ? 20 : 8);
  header.set([...start, port >> 8, port & 255]);
  if (protocol === 6) header[13] = flags;
  return header;
}

const guestLink = (world: World, id: string) => (world.isVpc ? `vn-${99 + Number(id.slice(1))}-9` : 'vn-100-42');

/** The packet's way through the namespace: in, perhaps translated, routed, forwarded. */
function play(
  table: SimulatedTable,
  world: World,
  flow: Flow,
  state: TestPacket['state'] = 'new',
  flags: number = state === 'new' ? tcp.synchronize : tcp.acknowledge,
): Fate {
  const publicLink = world.isVpc ? 'vpn-200-9' : 'vpn-200-42';
  const iif = flow.sender === undefined ? publicLink : guestLink(world, flow.sender);
  const { source, destination, protocol } = flow;
  const packet = { iif, source, destination, protocol, transport: transportOf(flow, flags), state };
  const arrived = traverse(table, 'prerouting', packet);
  if (arrived === undefined) return { end: 'refused' };
  const isOwn = (address: string) =>
    world.addresses.has(address) || world.networks.some(({ gateway }) => gateway === address);
  if (isOwn(arrived.destination)) return { end: 'here' };
  const receiver = world.networks.find(({ cidr }) => isIn(cidr, arrived.destination));
  const oif = receiver === undefined ? publicLink : guestLink(world, receiver.id);
  const left = traverse(table, 'forward', { ...arrived, oif });
  if (left === undefined) return { end: 'refused' };
  const port = flow.port === undefined ? {} : { port: ((left.transport[2] ?? 0) << 8) | (left.transport[3] ?? 0) };
  return { end: 'through', to: receiver?.id, destination: left.destination, ...port };
}

/** Rules and the lack of a way end a packet alike. */
const asSeen = (fate: Fate): Fate => (fate.end === 'nowhere' ? { end: 'refused' } : fate);

describe('the compiled rules', { timeout: 60_000 }, () => {
  it('do with every packet what the lists as they were sent say', () => {
    const seen: Record<string, number> = {};
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { world, flows } = situation;
        const { table } = build(situation);
        for (const flow of flows) {
          const expected = fateOf(world, flow);
          if (expected === 'ambiguous') continue;
          seen[expected.end] = (seen[expected.end] ?? 0) + 1;
          expect({ flow, fate: play(table, world, flow) }).toEqual({ flow, fate: asSeen(expected) });
        }
      }),
      runs,
    );
    // The packets are worth something: many of each fate.
    for (const end of ['refused', 'nowhere', 'here', 'through']) expect(seen[end] ?? 0).toBeGreaterThan(runs.numRuns);
  });

  it.each(['established', 'related'] as const)('let through whatever belongs to a connection: %s', (state) => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { world, flows } = situation;
        const { table } = build(situation);
        for (const flow of flows) expect(play(table, world, flow, state).end).not.toBe('refused');
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is seldom drawn', () => {
  const outside = { sender: undefined, source: '198.51.100.7' } as const;
  const world: World = {
    isVpc: true,
    networks: [{ id: '51', cidr: '10.9.1.0/24', gateway: '10.9.1.1' }],
    addresses: new Map([['203.0.113.10', '51']]),
    staticNats: new Map(),
    forwards: [],
  };
  const foundation = [implementTier(1), assign('203.0.113.10', { target: tierTarget(1) })];
  const rule = { trafficType: 'ingress', action: 'allow' } as const;

  it('is a packet of another protocol whose first bytes are a type and a code that are let in', () => {
    const acl = [0, 3, 8].map((icmpType, number) => ({ ...rule, number, protocol: 'icmp', icmpType, icmpCode: 0 }));
    const commands = [
      addStaticNat('203.0.113.10', '10.9.1.10', { target: tierTarget(1) }),
      applyAcl(aclOf(acl), tierTarget(1)),
    ];
    const { table } = build({ world, foundation, commands, flows: [], ipv6Flows: [] });
    const end = (protocol: number) =>
      play(table, world, { ...outside, destination: '203.0.113.10', protocol, start: [8, 0] }).end;
    expect([1, 6, 17, 47].map(end)).toEqual(['through', 'refused', 'refused', 'refused']);
  });

  it('is a port that lets in before the translation, or only behind it', () => {
    const acl = [{ ...rule, number: 1, protocol: 'tcp', portStart: 8080, portEnd: 8080 }];
    const commands = [
      addForward('tcp 203.0.113.10:80', '10.9.1.10:8080', { target: tierTarget(1) }),
      addForward('tcp 203.0.113.10:8080', '10.9.1.10:80', { target: tierTarget(1) }),
      applyAcl(aclOf(acl), tierTarget(1)),
    ];
    const { table, domain } = build({ world, foundation, commands, flows: [], ipv6Flows: [] });
    const isRefused = refusedConnections(domain);
    for (const [port, behind, isIn] of [
      [80, 8080, true],
      [8080, 80, false],
    ] as const) {
      const flow: Flow = { ...outside, destination: '203.0.113.10', protocol: 6, port, start: [1, 1] };
      expect(play(table, world, flow).end).toBe(isIn ? 'through' : 'refused');
      const { source, destination, protocol } = flow;
      const connection = {
        original: { source, destination, protocol, sourcePort: 4000, destinationPort: port },
        reply: { source: '10.9.1.10', destination: source, protocol, sourcePort: behind, destinationPort: 4000 },
      };
      expect(isRefused({ family: 'inet', ...connection, status: 0, timeout: 1, mark: 0, id: 1 })).toBe(!isIn);
    }
  });
});

describe('a TCP packet that begins nothing and belongs to nothing', { timeout: 60_000 }, () => {
  it('does not get out of a network, and comes in only where the lists let something in', () => {
    fc.assert(
      fc.property(anySituation, fc.constantFrom(...Object.values(tcp).slice(1)), (situation, flags) => {
        const { world, flows } = situation;
        const { table } = build(situation);
        for (const flow of flows) {
          const expected = fateOf(world, flow);
          if (expected === 'ambiguous' || flow.protocol !== 6) continue;
          const seen = play(table, world, flow, 'new', flags);
          const isStopped = flow.sender !== undefined && expected.end === 'through';
          expect({ flow, seen }).toEqual({ flow, seen: isStopped ? { end: 'refused' } : asSeen(expected) });
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('connections', { timeout: 60_000 }, () => {
  it('are refused exactly when their first packet would be', () => {
    let refused = 0;
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { world, flows } = situation;
        const isRefused = refusedConnections(build(situation).domain);
        for (const flow of flows) {
          const fate = fateOf(world, flow);
          if (fate === 'ambiguous') continue;
          const answers = answersTo(world, flow);
          refused += fate.end === 'refused' ? 1 : 0;
          expect({ flow, refused: isRefused(answers) }).toEqual({ flow, refused: fate.end === 'refused' });
        }
      }),
      runs,
    );
    expect(refused).toBeGreaterThan(runs.numRuns);
  });
});

describe('connections of the namespace itself', () => {
  it('are not asked about, whoever of its addresses they are with', () => {
    const sent = { default_egress_allow: false, cidr: '', rules: [] };
    const isRefused = refusedConnections(
      domainAfter(
        implementVpc(),
        implementTier(1),
        assign('203.0.113.10', { target: tierTarget(1) }),
        applyAcl(aclOf([]), tierTarget(1)),
        applyFirewall(firewallOf(sent), tierTarget(1)),
      ),
    );
    const between = (source: string, destination: string) => {
      const tcp = { protocol: 6, sourcePort: 4000, destinationPort: 80 };
      const [original, reply] = [
        { source, destination, ...tcp },
        { source: destination, destination: source, ...tcp },
      ];
      return isRefused({ family: 'inet', original, reply, status: 0, timeout: 1, mark: 0, id: 1 });
    };
    const [own, guest, world] = ['10.9.1.1', '10.9.1.10', '198.51.100.7'] as const;
    // Load balancing and DNS: no forwarding chain sees these.
    expect(between(own, guest)).toBe(false);
    expect(between(guest, own)).toBe(false);
    expect(between('203.0.113.10', guest)).toBe(false);
    expect(between('203.0.113.10', world)).toBe(false);
    expect(between(guest, world)).toBe(true);
    expect(between(world, guest)).toBe(true);
    expect(between('10.9.1.11', guest)).toBe(true);
  });

  it('of IPv6 are nobody’s where no network speaks it', () => {
    const isRefused = refusedConnections(domainAfter(implement(), applyFirewall()));
    const tuple = { source: '2001:db8::1', destination: '2001:db8::2', protocol: 6 };
    expect(isRefused({ family: 'inet6', original: tuple, reply: tuple, status: 0, timeout: 1, mark: 0, id: 1 })).toBe(
      false,
    );
  });
});

/** The connection a flow began when everything was open. */
function answersTo(world: World, flow: Flow): Parameters<ReturnType<typeof refusedConnections>>[0] {
  const open = { ...world, networks: world.networks.map(({ id, cidr, gateway }) => ({ id, cidr, gateway })) };
  const fate = fateOf(open, flow);
  const through = fate !== 'ambiguous' && fate.end === 'through' ? fate : undefined;
  const ports = (sourcePort: number | undefined, destinationPort: number | undefined) =>
    destinationPort === undefined || sourcePort === undefined ? {} : { sourcePort, destinationPort };
  const { source, destination, protocol, port, icmp } = flow;
  const message = (type: number | undefined) =>
    icmp === undefined || type === undefined ? {} : { icmp: { type, code: icmp.code, id: 7 } };
  return {
    family: 'inet',
    original: { source, destination, protocol, ...ports(port && 40000, port), ...message(icmp?.type) },
    reply: {
      source: through?.destination ?? destination,
      destination: source,
      protocol,
      ...ports(through?.port ?? port, port && 40000),
      ...message(icmp && 0),
    },
    status: 0,
    timeout: 1,
    mark: 0,
    id: 1,
  };
}
