import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { Domain } from '../../../src/model/domain.js';
import { firewallOf } from '../model/sent-rules.js';
import {
  addForward,
  addStaticNat,
  applyAcl,
  applyFirewall,
  assign,
  carryOut,
  contents,
  destroyVpc,
  domainAfter,
  implementTier,
  implementVpc,
  release,
  shutdown,
  shutdownVpc,
  tierTarget,
  updateVpcSource,
  vpcCidr,
} from './builders.js';

const first = '203.0.113.10';
const second = '203.0.113.11';

const sources = (domain: Domain) =>
  [...domain.address.values()].map(
    ({ address, sourceNat, vlan }) => `${address} ${sourceNat ? 'source' : 'other'} ${vlan}`,
  );

const tiers = () =>
  domainAfter(
    implementVpc(first),
    implementTier(1),
    implementTier(2),
    assign(second, { target: tierTarget(1) }),
    addStaticNat(second, '10.9.1.10', { target: tierTarget(1) }),
    addForward(`tcp ${first}:22`, '10.9.2.10:22', { target: tierTarget(2) }),
    applyFirewall(undefined, tierTarget(1)),
    applyAcl(undefined, tierTarget(2)),
  );

describe('implement-vpc', () => {
  it('makes the namespace and the public side of its address', () => {
    const domain = domainAfter(implementVpc(first));
    expect(contents(domain)).toMatchObject({
      present: true,
      vpc: { 9: { cidr: vpcCidr } },
      address: {
        [first]: { sourceNat: true, owner: undefined, link: 'vpn-200-9', prefix: 24, gateway: '203.0.113.1' },
      },
    });
    expect(planCommand(implementVpc(first), domainAfter(implementVpc()))).toMatchObject({
      namespace: 'ensure',
      links: {
        bridges: [{ bridge: 'breth1-200' }],
        pairs: [{ host: 'vph-200-9', inside: 'vpn-200-9' }],
        addresses: [{ link: 'vpn-200-9', address: first, prefix: 24 }],
        hostRoutes: [{ address: first, link: 'vph-200-9' }],
        removedPairs: [],
        defaultRoute: { candidates: [{ gateway: '203.0.113.1', link: 'vpn-200-9' }], keep: false },
      },
      announcements: [{ link: 'vpn-200-9', address: first }],
    });
  });

  it('makes only the namespace without an address', () => {
    const plan = planCommand(implementVpc(), domainAfter(destroyVpc()));
    expect(plan).toMatchObject({ namespace: 'ensure', links: { bridges: [], pairs: [] }, announcements: [] });
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['vpc']);
  });

  it('keeps the CIDR when none is sent, and takes another', () => {
    const domain = domainAfter(implementVpc());
    expect(planCommand({ ...implementVpc(), cidr: undefined }, domain).changes).toEqual([]);
    carryOut(domain, implementVpc(undefined, { cidr: { address: '10.8.0.0', prefix: 15 } }));
    expect(domain.vpcCidr).toEqual({ address: '10.8.0.0', prefix: 15 });
  });

  it('takes the VLAN from what is known, else it is an error', () => {
    const anonymous = implementVpc(first, { publicVlan: undefined });
    expect(planCommand(anonymous, tiers()).changes).toEqual([]);
    expect(() => planCommand(anonymous, domainAfter(implementVpc()))).toThrow(
      `implement-vpc: --public-vlan "": no VLAN is known for ${first}; expected a VLAN id from 1 to 4094, or untagged`,
    );
  });

  it('leaves an address with the tier that has it', () => {
    const domain = tiers();
    carryOut(domain, assign(first, { target: tierTarget(1), sourceNat: true }));
    carryOut(domain, implementVpc(first));
    expect(domain.address.get(first)).toMatchObject({ owner: '51', sourceNat: true });
  });

  it('changes nothing on a complete VPC', () => {
    expect(planCommand(implementVpc(first), tiers())).toMatchObject({ changes: [], endConnections: [] });
  });
});

describe('update-vpc-source-nat-ip', () => {
  it('brings the new address, and keeps the old one with what uses it', () => {
    const domain = tiers();
    const before = contents(domain) as { staticNat: object; portForward: object };
    const plan = carryOut(domain, updateVpcSource('203.0.113.20', { publicGateway: '203.0.113.2' }));
    expect(sources(domain)).toEqual([`${first} other 200`, `${second} other 200`, '203.0.113.20 source 200']);
    expect(contents(domain)).toMatchObject({ staticNat: before.staticNat, portForward: before.portForward });
    expect(plan).toMatchObject({
      namespace: 'expect',
      endConnections: [],
      links: {
        removedPairs: [],
        removedAddresses: [],
        hostRoutes: [{ address: '203.0.113.20', link: 'vph-200-9' }],
        defaultRoute: { keep: false },
      },
    });
    expect(plan.links.addresses.map(({ address }) => address)).toEqual([first, second, '203.0.113.20']);
    expect(plan.links.defaultRoute?.candidates[0]).toEqual({ gateway: '203.0.113.2', link: 'vpn-200-9' });
  });

  it('may choose an address that a tier has; it stays the tier’s', () => {
    const domain = tiers();
    carryOut(domain, updateVpcSource(second));
    expect(domain.address.get(second)).toMatchObject({ owner: '51', sourceNat: true });
    expect(sources(domain)).toEqual([`${first} other 200`, `${second} source 200`]);
  });

  it('moves an address to another VLAN: the old pair goes when nothing else needs it', () => {
    const alone = domainAfter(implementVpc(first));
    expect(carryOut(alone, updateVpcSource(first, { publicVlan: 201 })).links).toMatchObject({
      removedPairs: ['vph-200-9'],
      removedAddresses: [{ link: 'vpn-200-9', address: first, prefix: 24 }],
      removedHostRoutes: [{ link: 'vph-200-9', address: first }],
      pairs: [{ host: 'vph-201-9' }],
    });
    expect(sources(alone)).toEqual([`${first} source 201`]);
    expect(planCommand(updateVpcSource(first, { publicVlan: 201 }), tiers()).links.removedPairs).toEqual([]);
  });

  it('is an error without the VPC, or without a VLAN', () => {
    expect(() => planCommand(updateVpcSource(first), domainAfter(implementVpc(), destroyVpc()))).toThrow(
      'update-vpc-source-nat-ip: --vpc-id "9": namespace cs-vpc-9 does not exist; expected implement-vpc first',
    );
    expect(() => planCommand(updateVpcSource(first, { publicVlan: undefined }), domainAfter(implementVpc()))).toThrow(
      'update-vpc-source-nat-ip: --public-vlan "": no VLAN is known',
    );
  });
});

describe.each([shutdownVpc(), destroyVpc()])('$name', (command) => {
  it('takes the namespace with all pairs', () => {
    const domain = tiers();
    carryOut(domain, assign('203.0.113.12', { target: tierTarget(2), publicVlan: 201 }));
    expect(planCommand(command, domain)).toMatchObject({
      namespace: 'remove',
      links: { removedPairs: ['vh-100-9', 'vh-101-9', 'vph-200-9', 'vph-201-9'] },
    });
  });

  it('leaves of tiers what is needed to implement them again, or nothing', () => {
    const domain = tiers();
    carryOut(domain, command);
    const { network, vpc, ...others } = contents(domain) as { network: object; vpc: object };
    const nothing = {
      address: {},
      staticNat: {},
      portForward: {},
      loadBalancer: {},
      userData: {},
      firewall: {},
      acl: {},
      ranges: [],
      present: false,
    };
    expect(others).toEqual(nothing);
    const tier = (number: number) =>
      expect.objectContaining({ vlan: 99 + number, gateway: `10.9.${number}.1`, active: false });
    expect({ network, vpc }).toEqual(
      command.name === 'shutdown-vpc'
        ? { network: { 51: tier(1), 52: tier(2) }, vpc: { 9: { cidr: vpcCidr } } }
        : { network: {}, vpc: {} },
    );
    carryOut(domain, implementVpc(first));
    for (const number of [1, 2]) carryOut(domain, implementTier(number));
    expect(domain.network.get('52')).toMatchObject({ active: true, link: 'vn-101-9' });
  });

  it('forgets a VPC without tiers, and can be repeated', () => {
    const domain = domainAfter(implementVpc(first));
    carryOut(domain, command);
    expect(contents(domain)).toEqual(contents(domainAfter(implementVpc(), destroyVpc())));
    expect(planCommand(command, domain)).toMatchObject({ namespace: 'remove', changes: [] });
  });
});

describe('rules', () => {
  const rules = [
    { command: applyFirewall(undefined, tierTarget(1)), kind: 'firewall' },
    { command: applyAcl(undefined, tierTarget(1)), kind: 'acl' },
  ] as const;

  it.each(rules)(
    'of $command.name are kept, and end connections only when they are other rules',
    ({ command, kind }) => {
      const domain = domainAfter(implementTier(1));
      expect(carryOut(domain, command)).toMatchObject({
        namespace: 'expect',
        changes: [{ kind, key: '51' }],
        endsRefusedConnections: true,
      });
      expect(carryOut(domain, command)).toMatchObject({ changes: [], endsRefusedConnections: false });
    },
  );

  it.each(rules)('of $command.name do nothing where no network is', ({ command }) => {
    for (const domain of [
      domainAfter(implementVpc()),
      domainAfter(implementTier(1), implementTier(2), shutdown(tierTarget(1))),
      domainAfter(implementTier(1), shutdownVpc()),
    ]) {
      const plan = planCommand(command, domain);
      expect(plan).toMatchObject({ changes: [], endsRefusedConnections: false, links: { pairs: [], addresses: [] } });
      expect(plan.notes).toEqual([`${command.name}: network 51 is not implemented; there is nothing to filter`]);
    }
  });

  it('go with their network, and come back only when they are sent again', () => {
    const domain = domainAfter(implementTier(1), implementTier(2), ...rules.map(({ command }) => command));
    carryOut(domain, shutdown(tierTarget(1)));
    carryOut(domain, implementTier(1));
    expect([...domain.firewall, ...domain.acl]).toEqual([]);
  });

  it('of another network’s address are noted', () => {
    const domain = domainAfter(implementTier(1), implementTier(2), assign(first, { target: tierTarget(2) }));
    const named = applyFirewall(ruleFor(first), tierTarget(1));
    expect(planCommand(named, domain).notes).toEqual([
      `apply-fw-rules: ${first} belongs to another network; its rules do not count`,
    ]);
    carryOut(domain, release(first, tierTarget(2)));
    expect(planCommand(named, domain).notes).toEqual([]);
  });
});

function ruleFor(publicIp: string): NonNullable<Parameters<typeof applyFirewall>[0]> {
  return firewallOf({
    default_egress_allow: false,
    cidr: '',
    rules: [{ id: 1, type: 'ingress', protocol: 'all', publicIp }],
  });
}
