import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { Domain } from '../../../src/model/domain.js';
import { assign, domainAfter, implement, implementTier, shutdown, target, tierTarget } from './builders.js';

const guestLink = { link: 'vn-100-42', address: '10.1.1.1', prefix: 24 };

describe('implement-network', () => {
  it('asks for the namespace, bridge, pair and address of a new network', () => {
    const plan = planCommand(implement(), domainAfter());
    expect(plan).toMatchObject({
      namespace: 'ensure',
      links: {
        bridges: [
          { bridge: 'breth1-100', port: 'eth1.100', device: 'eth1', detail: 'guest.network.device', vlan: 100 },
        ],
        pairs: [{ host: 'vh-100-42', inside: 'vn-100-42', bridge: 'breth1-100', form: 'plain' }],
        addresses: [guestLink],
        removedPairs: [],
        removedAddresses: [],
        hostRoutes: [],
        defaultRoute: { candidates: [], keep: true },
      },
      changes: [
        { kind: 'network', key: '42', before: undefined, after: { active: true, vlan: 100, link: 'vn-100-42' } },
      ],
      announcements: [{ link: 'vn-100-42', address: '10.1.1.1' }],
      endConnections: [],
    });
  });

  it('changes nothing in the model of a complete network, and still asks for all of it', () => {
    const domain = domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }));
    const { changes, links } = planCommand(implement(), domain);
    expect(changes).toEqual([]);
    expect(links.pairs.map(({ host }) => host)).toEqual(['vh-100-42', 'vph-200-42']);
    expect(links.addresses).toEqual([guestLink, { link: 'vpn-200-42', address: '203.0.113.10', prefix: 24 }]);
    expect(links.hostRoutes).toEqual([{ address: '203.0.113.10', link: 'vph-200-42' }]);
    expect(links.defaultRoute).toEqual({ candidates: [{ gateway: '203.0.113.1', link: 'vpn-200-42' }], keep: true });
  });

  it('keeps what the call does not say', () => {
    const before = domainAfter(implement());
    const [change] = planCommand(
      { ...implement({ extensionIp: '10.1.1.2' }), gateway: undefined, cidr: undefined },
      before,
    ).changes;
    expect(change?.after).toMatchObject({ gateway: '10.1.1.1', cidr: { address: '10.1.1.0', prefix: 24 } });
  });

  it('moves to another VLAN: the old pair goes', () => {
    const { links } = planCommand(implement({ target: target({ vlan: 101 }) }), domainAfter(implement()));
    expect(links.removedPairs).toEqual(['vh-100-42']);
    expect(links.addresses).toEqual([{ ...guestLink, link: 'vn-101-42' }]);
    expect(links.removedAddresses).toEqual([]);
  });

  it('takes no pair away when the network was down', () => {
    const domain = domainAfter(implement(), shutdown());
    expect(planCommand(implement({ target: target({ vlan: 101 }) }), domain).links.removedPairs).toEqual([]);
  });

  it('changes its address: the old one goes, unless it is the same', () => {
    const domain = domainAfter(implement());
    const other = planCommand(implement({ extensionIp: '10.1.1.2' }), domain).links;
    expect(other.addresses).toEqual([{ ...guestLink, address: '10.1.1.2' }]);
    expect(other.removedAddresses).toEqual([guestLink]);
    const wider = planCommand(implement({ cidr: { address: '10.1.0.0', prefix: 16 } }), domain).links;
    expect(wider.removedAddresses).toEqual([guestLink]);
    expect(planCommand(implement(), domain).links.removedAddresses).toEqual([]);
  });

  it('goes out through the gateway when the namespace is not the gateway itself', () => {
    const { links } = planCommand(implement({ extensionIp: '10.1.1.2' }), domainAfter());
    expect(links.defaultRoute?.candidates).toEqual([{ gateway: '10.1.1.1', link: 'vn-100-42' }]);
  });

  it('has no guest side without a VLAN', () => {
    const plan = planCommand(implement({ target: target({ vlan: undefined }) }), domainAfter());
    expect(plan).toMatchObject({
      namespace: 'ensure',
      links: { bridges: [], pairs: [], addresses: [] },
      announcements: [],
    });
    expect(plan.changes).toMatchObject([{ after: { active: true, link: undefined } }]);
  });

  it('needs a CIDR and a gateway with a VLAN', () => {
    expect(() => planCommand(implement({ cidr: undefined }), domainAfter())).toThrow(
      'implement-network: --cidr is missing and not known from before; expected an IPv4 prefix such as 10.1.1.0/24',
    );
    expect(() => planCommand({ ...implement(), gateway: undefined, extensionIp: undefined }, domainAfter())).toThrow(
      'implement-network: --gateway is missing and not known from before; expected an IPv4 address',
    );
    expect(() =>
      planCommand({ ...implement({ extensionIp: '10.1.1.2' }), gateway: undefined }, domainAfter()),
    ).not.toThrow();
  });

  it('announces public addresses that come back with a new namespace', () => {
    const domain = domainAfter(implement(), assign('203.0.113.10'));
    expect(planCommand(implement(), domain).announcements).toHaveLength(1);
    domain.present = false;
    expect(planCommand(implement(), domain).announcements).toEqual([
      { link: 'vn-100-42', address: '10.1.1.1' },
      { link: 'vpn-200-42', address: '203.0.113.10' },
    ]);
  });
});

describe('implement-network of a tier', () => {
  it('names links by the VPC', () => {
    const { links } = planCommand(implementTier(1), domainAfter(implementTier(2)));
    expect(links.pairs).toMatchObject([{ host: 'vh-100-9', inside: 'vn-100-9' }]);
  });

  it('refuses the VLAN of another tier, as long as that is there', () => {
    const domain = domainAfter(implementTier(1));
    const same = implementTier(2, { target: tierTarget(2, { vlan: 100 }) });
    expect(() => planCommand(same, domain)).toThrow(
      'implement-network: VLAN 100 is in use by network 51 of the same VPC; expected a VLAN of its own',
    );
    expect(() => planCommand(same, domainAfter(implementTier(1), shutdown(tierTarget(1))))).not.toThrow();
  });

  it.each(['10.9.1.0/24', '10.9.1.128/25', '10.9.0.0/16'])('refuses %s when another tier has 10.9.1.0/24', (text) => {
    const [address = '', prefix = ''] = text.split('/');
    const overlapping = implementTier(2, { cidr: { address, prefix: Number(prefix) } });
    expect(() => planCommand(overlapping, domainAfter(implementTier(1)))).toThrow(
      `implement-network: --cidr "${text}" overlaps 10.9.1.0/24 of network 51 of the same VPC; expected a CIDR of its own`,
    );
    expect(() => planCommand(overlapping, domainAfter(implementTier(1), shutdown(tierTarget(1))))).not.toThrow();
  });

  it('takes neighbouring CIDRs', () => {
    expect(() => planCommand(implementTier(2), domainAfter(implementTier(1)))).not.toThrow();
  });
});

describe('a domain that is only read', () => {
  it('is the same after planning', () => {
    const domain = new Domain({ kind: 'network', id: '42' }, 'cs-net-42');
    planCommand(implement(), domain);
    expect(domain.network.size).toBe(0);
  });
});
