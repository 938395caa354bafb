import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAll } from '../../../src/dataplane/compile.js';
import { egressMatches, ingressMatches } from '../../../src/dataplane/match.js';
import { MatchGroup } from '../../../src/dataplane/match-group.js';
import { table as ownTable } from '../../../src/dataplane/tables.js';
import type { PortRange } from '../../../src/model/values.js';
import { applyFirewall, assign, domainAfter, implement } from '../commands/builders.js';
import { firewallWith } from '../model/firewall-rules.js';
import { anySentFirewall, firewallOf } from '../model/sent-rules.js';
import { type Flow, isIn, ruleFits } from './policy-oracle.js';
import { type TestPacket, traverse } from './rule-evaluator.js';
import { SimulatedRuleset } from './simulated-ruleset.js';
import { flowsNear } from './worlds.js';

const publicIps = ['203.0.113.10', '203.0.113.11'] as const;
const anyFirewall = anySentFirewall(publicIps, ['10.1.1.0/24', '10.1.1.10/32', '10.1.1.8/29']);

const packetOf = ({ source, destination, protocol, port, icmp }: Flow) => ({
  source,
  destination,
  protocol,
  destinationPort: port,
  icmp,
});

describe('a group of matches', { timeout: 60_000 }, () => {
  it('has exactly the packets that one of its rules means', () => {
    const found = { yes: 0, no: 0 };
    fc.assert(
      fc.property(
        anyFirewall.chain((sent) => fc.tuple(fc.constant(sent), flowsNear(sent))),
        ([sent, flows]) => {
          const firewall = firewallOf(sent);
          const ingress = MatchGroup.group(ingressMatches(firewall.ingress, 'ip'), 'ip');
          const egress = MatchGroup.group(egressMatches(firewall.egress, 'ip'), 'ip');
          for (const flow of flows) {
            const has = (groups: readonly MatchGroup[]) => groups.some((group) => group.has(packetOf(flow)));
            const [isIngress, isEgress] = ['ingress', 'egress'].map((direction) =>
              sent.rules.some((rule) => rule.type.toLowerCase() === direction && ruleFits(rule, flow)),
            );
            expect({ flow, ingress: has(ingress), egress: has(egress) }).toEqual({
              flow,
              ingress: isIngress,
              egress: isEgress,
            });
            found[isIngress || isEgress ? 'yes' : 'no']++;
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(Math.min(found.yes, found.no)).toBeGreaterThan(1000);
  });

  it('has a name of its own in its list, whatever the list', () => {
    fc.assert(
      fc.property(anyFirewall, (sent) => {
        for (const matches of [
          ingressMatches(firewallOf(sent).ingress, 'ip'),
          egressMatches(firewallOf(sent).egress, 'ip'),
        ]) {
          const names = MatchGroup.group(matches, 'ip').map(({ name }) => name);
          expect(new Set(names).size).toBe(names.length);
        }
      }),
    );
  });

  it('takes several sets for thousands of ranges, and finds each of them', () => {
    const ranges = Array.from(
      { length: 10_000 },
      (_, index): PortRange => ({ first: 3 * index + 1, last: 3 * index + 2 }),
    );
    const rules = ranges.map((ports) => ({
      publicIp: publicIps[0],
      traffic: { protocol: 6, ports },
      sources: { ipv4: [{ address: '198.51.100.0', prefix: 24 }], ipv6: [] },
    }));
    const ruleset = new SimulatedRuleset();
    ruleset.run(compileAll(domainAfter(implement(), assign(publicIps[0]), applyFirewall(firewallWith(false, rules)))));
    const table = ruleset.table(ownTable.name);
    if (table === undefined) throw new Error('no table');
    const sets = [...table.sets].filter(([name]) => name.startsWith('CS_EXTNET_FWI_42_range'));
    expect(sets.map(([name, { elements }]) => [name, elements.size])).toEqual([
      ['CS_EXTNET_FWI_42_range_s24', 4096],
      ['CS_EXTNET_FWI_42_range_s24_2', 4096],
      ['CS_EXTNET_FWI_42_range_s24_3', 1808],
    ]);
    const passes = (port: number, source: string) => {
      const packet: TestPacket = {
        iif: 'vpn-200-42',
        source,
        destination: publicIps[0],
        protocol: 6,
        transport: Uint8Array.of(1, 1, port >> 8, port & 255),
        state: 'new',
      };
      return traverse(table, 'prerouting', packet) !== undefined;
    };
    for (const port of [
      1, 2, 3, 12_287, 12_288, 12_289, 12_290, 24_575, 24_576, 24_577, 29_998, 29_999, 30_000, 30_001,
    ]) {
      expect({ port, passes: passes(port, '198.51.100.255') }).toEqual({
        port,
        passes: port <= 29_999 && port % 3 !== 0,
      });
    }
    expect(passes(1, '198.51.101.0')).toBe(false);
  });

  it('is one rule where ranges overlap, touch or repeat', () => {
    const group = (...ranges: [number, number][]) =>
      MatchGroup.group((visit) => {
        for (const [first, last] of ranges) {
          visit({
            traffic: { protocol: 6, ports: { first, last } },
            publicIp: undefined,
            source: 0,
            sourceLength: 0,
            destination: 0,
            destinationLength: 0,
          });
        }
      }, 'ip')[0];
    const ranges = (...list: [number, number][]) =>
      group(...list)
        ?.matches()
        .map(({ traffic }) => traffic.ports);
    expect(ranges([10, 20], [15, 30], [31, 40], [10, 20])).toEqual([{ first: 10, last: 40 }]);
    expect(ranges([10, 40], [20, 30])).toEqual([{ first: 10, last: 40 }]);
    expect(ranges([10, 20], [22, 30])).toEqual([
      { first: 10, last: 20 },
      { first: 22, last: 30 },
    ]);
    expect(group([10, 20], [22, 30], [40, 50], [45, 60])?.size).toBe(3);
  });
});

describe('the page’s own arithmetic', () => {
  it('is right where it can be seen', () => {
    expect(isIn('198.51.100.77/24', '198.51.100.255')).toBe(true);
    expect(isIn('198.51.100.0/25', '198.51.100.128')).toBe(false);
    expect(isIn('0.0.0.0/0', '255.255.255.255')).toBe(true);
    expect(isIn('198.51.100.9', '198.51.100.9')).toBe(true);
    expect(isIn('198.51.100.9', '198.51.100.8')).toBe(false);
  });
});
