import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { applyAndCompile, compileAll } from '../../../src/dataplane/compile.js';
import { refusedConnections } from '../../../src/dataplane/refused-connections.js';
import type { Connection } from '../../../src/kernel/connection.js';
import { Acl } from '../../../src/model/acl.js';
import { SimulatedRuleset } from '../dataplane/simulated-ruleset.js';
import {
  addForward,
  addStaticNat,
  applyAcl,
  applyBalancing,
  assign,
  balance,
  carryOut,
  destroy,
  domainAfter,
  implement,
  implementTier,
  implementVpc,
  release,
  shutdown,
  shutdownVpc,
  tierTarget,
} from './builders.js';

const publicIp = '203.0.113.10';
const other = '203.0.113.11';
const haproxy = (networkId = '42') => ({ service: 'haproxy', networkId });
const network = () => domainAfter(implement(), assign(publicIp), assign(other));

const tiers = () =>
  domainAfter(
    implementVpc('203.0.113.20'),
    implementTier(1),
    implementTier(2),
    assign(publicIp, { target: tierTarget(1) }),
    assign(other, { target: tierTarget(2) }),
    applyBalancing([balance(publicIp, { id: '1', networkId: '51' })], [], tierTarget(1)),
    applyBalancing([balance(other, { id: '2', networkId: '52' })], [], tierTarget(2)),
  );

describe('apply-lb-rules', () => {
  it('rules that are not named stay', () => {
    const domain = network();
    carryOut(domain, applyBalancing([balance(publicIp), balance(publicIp, { id: '2', publicPort: 81 })]));
    const plan = carryOut(domain, applyBalancing([balance(publicIp, { id: '3', publicPort: 82 })], ['1']));
    expect([...domain.loadBalancer.keys()]).toEqual(['2', '3']);
    expect(plan.services).toEqual([haproxy()]);
    expect(plan.endConnections).toEqual([{ original: { destination: publicIp, protocol: 6, destinationPort: 80 } }]);
  });

  it('ends the connections of a rule that moves, not those of one whose guests are others', () => {
    const domain = network();
    carryOut(domain, applyBalancing([balance(publicIp)]));
    expect(planCommand(applyBalancing([balance(publicIp, { backends: [] })]), domain).endConnections).toEqual([]);
    expect(planCommand(applyBalancing([balance(other)]), domain).endConnections).toHaveLength(1);
    // Two rules may change places.
    carryOut(domain, applyBalancing([balance(other, { id: '2' })]));
    const swapped = applyBalancing([balance(other), balance(publicIp, { id: '2' })]);
    expect(planCommand(swapped, domain).endConnections).toHaveLength(2);
  });

  it.each([
    [[balance('203.0.113.99')], /rule 1: 203.0.113.99 is not assigned; .*expected assign-ip first$/],
    [[balance(publicIp), balance(publicIp, { id: '2' })], /rule 2: 203.0.113.10:80 is taken by rule 1; /],
    [
      [balance(publicIp, { publicPort: 2222 })],
      /rule 1: 203.0.113.10:2222 is taken by the port forward of 203.0.113.10:2200-2300 /,
    ],
  ])('refuses by name what cannot be', (rules, message) => {
    const domain = network();
    carryOut(domain, addForward(`tcp ${publicIp}:2200-2300`, '10.1.1.10:2200-2300'));
    expect(() => planCommand(applyBalancing(rules), domain)).toThrow(message);
  });

  it('what haproxy listens on is not forwarded; UDP and static NAT do not matter', () => {
    const domain = network();
    carryOut(domain, addForward(`udp ${publicIp}:80`, '10.1.1.10:80'));
    carryOut(domain, addStaticNat(publicIp, '10.1.1.10'));
    carryOut(domain, applyBalancing([balance(publicIp)]));
    for (const ports of ['80', '70-90']) {
      const forward = addForward(`tcp ${publicIp}:${ports}`, `10.1.1.10:${ports}`);
      expect(() => planCommand(forward, domain)).toThrow(/203.0.113.10:80 is taken by load balancer rule 1; expected/);
    }
  });

  it('revoked after the network is gone, or never there: nothing but the file', () => {
    for (const domain of [domainAfter(implement(), shutdown()), domainAfter(implement(), destroy()), domainAfter()]) {
      const plan = planCommand(applyBalancing([], ['1']), domain);
      expect(plan).toMatchObject({ namespace: 'expect', changes: [], services: [], endConnections: [] });
      expect(plan.files).toEqual([{ path: 'network-42/haproxy/1.json', remove: true }]);
      expect(() => planCommand(applyBalancing([balance(publicIp)]), domain)).toThrow(
        /expected implement-network first/,
      );
    }
  });

  it('rules go with their address, their tier and their VPC, and no others', () => {
    const released = tiers();
    expect(carryOut(released, release(publicIp, tierTarget(1))).services).toEqual([haproxy('51')]);
    expect([...released.loadBalancer.keys()]).toEqual(['2']);
    const ended = tiers();
    expect(carryOut(ended, shutdown(tierTarget(1))).services).toContainEqual(haproxy('51'));
    expect([...ended.loadBalancer.keys()]).toEqual(['2']);
    const all = tiers();
    expect(carryOut(all, shutdownVpc()).services).toEqual(expect.arrayContaining([haproxy('51'), haproxy('52')]));
    expect(all.loadBalancer.size).toBe(0);
  });

  it("another tier's rule is neither taken nor revoked", () => {
    const domain = tiers();
    const theirs = balance(publicIp, { id: '2', networkId: '51', publicPort: 81 });
    expect(() => planCommand(applyBalancing([theirs], [], tierTarget(1)), domain)).toThrow(
      /rule 2: it is a rule of network 52/,
    );
    expect(planCommand(applyBalancing([], ['2'], tierTarget(1)), domain).changes).toEqual([]);
  });

  it("a tier's ACL is asked by the guests' port, of connections that are there as well", () => {
    const domain = tiers();
    const entry = (number: number, action: 'allow' | 'deny', first: number, address: string) =>
      ({
        number,
        action,
        direction: 'ingress',
        traffic: { protocol: 6, ports: { first, last: first } },
        remotes: { ipv4: [{ address, prefix: 32 }], ipv6: [] },
      }) as const;
    const acl = new Acl([
      entry(1, 'allow', 80, '198.51.100.1'),
      entry(2, 'deny', 8080, '198.51.100.2'),
      entry(3, 'allow', 8080, '198.51.100.2'),
      entry(4, 'allow', 8080, '198.51.100.3'),
    ]);
    const ruleset = new SimulatedRuleset();
    ruleset.run(compileAll(domain));
    ruleset.run(applyAndCompile(domain, planCommand(applyAcl(acl), domain).changes));
    const lines = ruleset.lines().filter((line) => /CS_EXTNET_LB_/.test(line));
    expect(lines.some((line) => line.includes('CS_EXTNET_LB_1'))).toBe(true);
    expect(lines.some((line) => line.includes('CS_EXTNET_LB_2'))).toBe(false);
    const refused = refusedConnections(domain);
    const from = (source: string, destinationPort = 80): Connection =>
      ({
        family: 'inet',
        original: { source, destination: publicIp, protocol: 6, sourcePort: 5, destinationPort },
        reply: { source: publicIp, destination: source, protocol: 6, sourcePort: destinationPort, destinationPort: 5 },
      }) as unknown as Connection;
    expect([1, 2, 3, 4].map((last) => refused(from(`198.51.100.${last}`)))).toEqual([true, true, false, true]);
  });
});
