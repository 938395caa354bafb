import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { gateways } from '../../../src/commands/place.js';
import type { Command } from '../../../src/contract/command.js';
import {
  addForward,
  addStaticNat,
  assign,
  carryOut,
  domainAfter,
  implement,
  implementTier,
  release,
  shutdown,
  tierTarget,
} from './builders.js';

const sourceNat = assign('203.0.113.10', { sourceNat: true });
const second = assign('203.0.113.11');

describe('assign-ip', () => {
  it('asks for the public side of an address', () => {
    const plan = planCommand(sourceNat, domainAfter(implement()));
    expect(plan).toMatchObject({
      namespace: 'expect',
      links: {
        bridges: [{ bridge: 'breth1-200', port: 'eth1.200', detail: 'public.network.device' }],
        pairs: [{ host: 'vph-200-42', inside: 'vpn-200-42' }],
        addresses: [{ link: 'vpn-200-42', address: '203.0.113.10', prefix: 24 }],
        hostRoutes: [{ address: '203.0.113.10', link: 'vph-200-42' }],
        removedPairs: [],
        removedAddresses: [],
        defaultRoute: { candidates: [{ gateway: '203.0.113.1', link: 'vpn-200-42' }], keep: false },
      },
      changes: [{ kind: 'address', key: '203.0.113.10', before: undefined, after: { sourceNat: true, owner: '42' } }],
      announcements: [{ link: 'vpn-200-42', address: '203.0.113.10' }],
    });
  });

  it('brings the other addresses of the link back with it', () => {
    const { addresses } = planCommand(second, domainAfter(implement(), sourceNat)).links;
    expect(addresses.map(({ address }) => address)).toEqual(['203.0.113.10', '203.0.113.11']);
  });

  it('leaves one source NAT address: the one named last', () => {
    const domain = domainAfter(implement(), sourceNat);
    carryOut(domain, { ...second, sourceNat: true });
    expect([...domain.address.values()].map(({ address, sourceNat: flag }) => [address, flag])).toEqual([
      ['203.0.113.10', false],
      ['203.0.113.11', true],
    ]);
  });

  it('moves to another VLAN: old address and route go, the old pair with the last address', () => {
    const moved = { ...sourceNat, publicVlan: 201 } as const;
    const alone = planCommand(moved, domainAfter(implement(), sourceNat)).links;
    expect(alone).toMatchObject({
      removedPairs: ['vph-200-42'],
      removedAddresses: [{ link: 'vpn-200-42', address: '203.0.113.10', prefix: 24 }],
      removedHostRoutes: [{ link: 'vph-200-42', address: '203.0.113.10' }],
    });
    expect(planCommand(moved, domainAfter(implement(), sourceNat, second)).links.removedPairs).toEqual([]);
  });

  it('changes its prefix: the address with the old one goes', () => {
    const { links } = planCommand({ ...second, publicPrefix: 28 }, domainAfter(implement(), second));
    expect(links.addresses).toEqual([{ link: 'vpn-200-42', address: '203.0.113.11', prefix: 28 }]);
    expect(links.removedAddresses).toEqual([{ link: 'vpn-200-42', address: '203.0.113.11', prefix: 24 }]);
  });

  it('takes the VLAN from the state, else it is an error', () => {
    const anonymous = { ...second, publicVlan: undefined };
    expect(planCommand(anonymous, domainAfter(implement(), second)).changes).toEqual([]);
    expect(() => planCommand(anonymous, domainAfter(implement()))).toThrow(
      'assign-ip: --public-vlan "": no VLAN is known for 203.0.113.11; expected a VLAN id from 1 to 4094, or untagged',
    );
  });

  it('builds nothing for a network that is gone', () => {
    const nothing = { changes: [], links: { pairs: [], bridges: [], addresses: [] } };
    expect(planCommand(sourceNat, domainAfter())).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('cs-net-42 does not exist')],
    });
    expect(planCommand(sourceNat, domainAfter(implement(), shutdown()))).toMatchObject(nothing);
    // The namespace of a VPC outlives its tiers.
    const vpc = domainAfter(implementTier(1), implementTier(2), shutdown(tierTarget(1)));
    expect(planCommand({ ...sourceNat, target: tierTarget(1) }, vpc)).toMatchObject({
      ...nothing,
      notes: ['assign-ip: network 51 is not implemented; 203.0.113.10 is not assigned'],
    });
  });
});

describe('release-ip', () => {
  const rich = () =>
    domainAfter(
      implement(),
      sourceNat,
      second,
      addStaticNat('203.0.113.11', '10.1.1.10'),
      addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'),
      addForward('tcp 203.0.113.11:80', '10.1.1.10:80'),
    );

  it('takes the address with all its rules, and nothing else', () => {
    const domain = rich();
    const plan = carryOut(domain, release('203.0.113.11'));
    expect(plan.changes.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'address 203.0.113.11',
      'staticNat 203.0.113.11',
      'portForward tcp 203.0.113.11 80',
    ]);
    expect(plan.links).toMatchObject({
      removedPairs: [],
      removedAddresses: [{ link: 'vpn-200-42', address: '203.0.113.11' }],
      removedHostRoutes: [{ link: 'vph-200-42', address: '203.0.113.11' }],
    });
    expect(plan.endConnections).toEqual([
      { original: { destination: '203.0.113.11' } },
      { reply: { destination: '203.0.113.11' } },
    ]);
  });

  it('takes the pair and the default route with the last address', () => {
    const { links } = planCommand(release('203.0.113.10'), domainAfter(implement(), sourceNat));
    expect(links.removedPairs).toEqual(['vph-200-42']);
    expect(links.defaultRoute).toEqual({ candidates: [], keep: true });
  });

  it('does nothing for an address that is not known, or not named', () => {
    for (const ip of ['203.0.113.99', undefined]) {
      const plan = planCommand(release(ip), rich());
      expect(plan).toMatchObject({ changes: [], endConnections: [] });
      expect(plan.notes).toHaveLength(1);
    }
    // 3.0.113.10 is another address.
    expect(planCommand(release('3.0.113.10'), rich()).changes).toEqual([]);
  });

  it('takes rules of an address that was never assigned', () => {
    const domain = domainAfter(implement(), addStaticNat('203.0.113.50', '10.1.1.10'));
    expect(planCommand(release('203.0.113.50'), domain).changes).toMatchObject([{ kind: 'staticNat' }]);
  });

  it('leaves an address that another tier uses', () => {
    const domain = domainAfter(implementTier(1), implementTier(2), { ...second, target: tierTarget(1) });
    const plan = planCommand(release('203.0.113.11', tierTarget(2)), domain);
    expect(plan).toMatchObject({ changes: [], notes: ['release-ip: 203.0.113.11 is in use by network 51 and stays'] });
    carryOut(domain, shutdown(tierTarget(1)));
    expect(planCommand(release('203.0.113.11', tierTarget(2)), domain).changes).toEqual([]);
  });
});

describe('gateways', () => {
  const at = (last: number, given = {}) =>
    assign(`203.0.113.${last}`, { publicGateway: `203.0.113.${100 + last}`, ...given });
  const list = (preferred: string | undefined, ...commands: readonly Command[]) =>
    gateways(domainAfter(...commands), preferred).map(({ gateway }) => gateway);

  it('are best first: source NAT, what the command is about, the others by their address', () => {
    const all = [implement(), at(12), at(11), at(10, { sourceNat: true }), at(13)];
    expect(list(undefined, ...all)).toEqual(['203.0.113.110', '203.0.113.111', '203.0.113.112', '203.0.113.113']);
    expect(list('203.0.113.13', ...all)).toEqual(['203.0.113.110', '203.0.113.113', '203.0.113.111', '203.0.113.112']);
  });

  it('do not depend on the order in which addresses came', () => {
    expect(list(undefined, implement(), at(12), at(9))).toEqual(list(undefined, implement(), at(9), at(12)));
    // As numbers: .9 before .12.
    expect(list(undefined, implement(), at(12), at(9))[0]).toBe('203.0.113.109');
  });

  it('leave out addresses without one, and end with the guest side’s', () => {
    const behind = implement({ extensionIp: '10.1.1.2' });
    expect(list(undefined, behind, at(10, { publicGateway: undefined }), at(11))).toEqual([
      '203.0.113.111',
      '10.1.1.1',
    ]);
    expect(list(undefined, implement(), at(10, { publicGateway: undefined }))).toEqual([]);
    expect(list(undefined, behind, shutdown())).toEqual([]);
  });

  it('of tiers are in the order of their ids', () => {
    const routed = (number: number) => implementTier(number, { extensionIp: `10.9.${number}.2` });
    expect(list(undefined, routed(2), routed(1))).toEqual(['10.9.1.1', '10.9.2.1']);
  });

  it('make the newest address’s the default unless source NAT has one', () => {
    const route = (...commands: readonly Command[]) => {
      const last = commands.at(-1);
      if (last === undefined) throw new Error('no command');
      return planCommand(last, domainAfter(...commands.slice(0, -1))).links.defaultRoute;
    };
    expect(route(implement(), at(10), at(11))).toMatchObject({
      keep: false,
      candidates: [{ gateway: '203.0.113.111' }, {}],
    });
    expect(route(implement(), at(10, { sourceNat: true }), at(11))).toMatchObject({
      candidates: [{ gateway: '203.0.113.110' }, {}],
    });
    // One without a gateway of its own leaves what is there.
    expect(route(implement(), at(10), at(11, { publicGateway: undefined }))).toMatchObject({ keep: true });
  });
});
