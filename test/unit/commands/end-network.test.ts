import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { Command } from '../../../src/contract/command.js';
import type { Domain } from '../../../src/model/domain.js';
import {
  addForward,
  addStaticNat,
  assign,
  carryOut,
  contents,
  destroy,
  domainAfter,
  implement,
  implementTier,
  implementVpc,
  shutdown,
  target,
  tierTarget,
} from './builders.js';

const full = () =>
  domainAfter(
    implement(),
    assign('203.0.113.10', { sourceNat: true }),
    assign('203.0.113.11', { publicVlan: 201 }),
    addStaticNat('203.0.113.11', '10.1.1.10'),
    addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'),
  );

const keys = (domain: Domain) => ({
  networks: [...domain.network.values()].map(({ id, active }) => `${id} ${active ? 'active' : 'down'}`),
  addresses: [...domain.address.values()].map(({ address, owner }) => `${address} of ${owner ?? 'nobody'}`),
  staticNats: [...domain.staticNat.keys()],
  forwards: [...domain.portForward.keys()],
});

describe('an isolated network', () => {
  it('loses namespace, pairs and rules with its shutdown, and stays known', () => {
    const domain = full();
    const plan = carryOut(domain, shutdown());
    expect(plan.namespace).toBe('remove');
    expect(plan.links.removedPairs).toEqual(['vh-100-42', 'vph-200-42', 'vph-201-42']);
    expect(keys(domain)).toEqual({ networks: ['42 down'], addresses: [], staticNats: [], forwards: [] });
    expect(domain.network.get('42')).toMatchObject({ vlan: 100, gateway: '10.1.1.1' });
  });

  it('is forgotten when it is destroyed', () => {
    const domain = full();
    expect(carryOut(domain, destroy()).links.removedPairs).toContain('vh-100-42');
    expect(keys(domain)).toEqual({ networks: [], addresses: [], staticNats: [], forwards: [] });
  });

  it('takes both pairs when the call names another VLAN than the state', () => {
    expect(planCommand(shutdown(target({ vlan: 101 })), full()).links.removedPairs).toEqual(
      expect.arrayContaining(['vh-100-42', 'vh-101-42']),
    );
  });

  it.each([shutdown(), destroy()])('can be ended when nothing is there: $name', (command) => {
    const plan = planCommand(command, domainAfter());
    expect(plan).toMatchObject({ namespace: 'remove', changes: [] });
  });
});

/** Two tiers; 51 came with the VPC's source NAT address and has one of its own. */
const tiers = (...before: Command[]) =>
  domainAfter(
    ...before,
    implementTier(1),
    implementTier(2),
    assign('203.0.113.10', { target: tierTarget(1), sourceNat: true }),
    assign('203.0.113.11', { target: tierTarget(1) }),
    assign('203.0.113.12', { target: tierTarget(2), publicVlan: 201 }),
    addStaticNat('203.0.113.11', '10.9.1.10', { target: tierTarget(1) }),
    addForward('tcp 203.0.113.12:80', '10.9.2.10:80', { target: tierTarget(2) }),
    // Another tier's address that leads to a guest of this one.
    addForward('tcp 203.0.113.12:22', '10.9.1.10:22', { target: tierTarget(2) }),
  );

describe('a tier', () => {
  it('leaves the namespace, and takes its addresses and all rules that lead to its guests', () => {
    const domain = tiers();
    const plan = carryOut(domain, shutdown(tierTarget(1)));
    expect(plan.namespace).toBe('expect');
    expect(plan.links).toMatchObject({
      removedPairs: ['vh-100-9'],
      removedAddresses: [{ link: 'vpn-200-9', address: '203.0.113.11', prefix: 24 }],
      removedHostRoutes: [{ link: 'vph-200-9', address: '203.0.113.11' }],
    });
    expect(plan.endConnections).toEqual([
      { original: { destination: '203.0.113.11' } },
      { reply: { destination: '203.0.113.11' } },
    ]);
    expect(keys(domain)).toEqual({
      networks: ['51 down', '52 active'],
      addresses: ['203.0.113.10 of nobody', '203.0.113.12 of 52'],
      staticNats: [],
      forwards: ['tcp 203.0.113.12 80'],
    });
  });

  it('takes the public pair with the last address of its VLAN', () => {
    const { links } = planCommand(shutdown(tierTarget(2)), tiers());
    expect(links.removedPairs).toEqual(['vh-101-9', 'vph-201-9']);
  });

  it('takes the source NAT address when it is the last, whichever it came with', () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ] as const) {
      const domain = tiers();
      for (const number of order) carryOut(domain, shutdown(tierTarget(number)));
      expect(keys(domain)).toMatchObject({ addresses: [], forwards: [] });
    }
  });

  it('leaves the source NAT address of a VPC that stands on its own', () => {
    const domain = tiers(implementVpc());
    for (const number of [1, 2]) carryOut(domain, destroy(tierTarget(number, { vlan: undefined })));
    expect(keys(domain)).toEqual({ networks: [], addresses: ['203.0.113.10 of nobody'], staticNats: [], forwards: [] });
  });

  it('takes no guest pair of another tier, whatever VLAN the call names', () => {
    expect(planCommand(shutdown(tierTarget(1, { vlan: 101 })), tiers()).links.removedPairs).toEqual(['vh-100-9']);
  });

  it('leaves the default route of the others', () => {
    const { links } = planCommand(shutdown(tierTarget(1)), tiers());
    expect(links.defaultRoute).toEqual({
      candidates: [
        { gateway: '203.0.113.1', link: 'vpn-200-9' },
        { gateway: '203.0.113.1', link: 'vpn-201-9' },
      ],
      keep: true,
    });
  });

  it('can be ended again, or when it never was', () => {
    const domain = tiers();
    carryOut(domain, destroy(tierTarget(1)));
    const before = contents(domain);
    for (const command of [destroy(tierTarget(1)), shutdown(tierTarget(1)), destroy(tierTarget(3))]) {
      expect(carryOut(domain, command).changes).toEqual([]);
    }
    expect(contents(domain)).toEqual(before);
  });
});
