import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { GuestIpv6 } from '../../../src/model/domain.js';
import { domainAfter, implement, implementTier, ipv6Side, shutdown, target, tierTarget } from './builders.js';
import { configure, prepareNic } from './name-service-builders.js';

const first = ipv6Side('2001:db8:1');
const second = ipv6Side('2001:db8:2');
const withDhcp = (ipv6: GuestIpv6 | undefined) => configure('dhcp', { ipv6 });
const gateway = { link: 'vn-100-42', address: '2001:db8:1::1', prefix: 64 };
const radvd = { service: 'radvd', networkId: '42' };

describe('the IPv6 side of a network', () => {
  it('is its gateway on a guest link that speaks IPv6, and radvd', () => {
    const plan = planCommand(implement({ ipv6: first }), domainAfter());
    expect(plan.links).toMatchObject({ ipv6Links: ['vn-100-42'], addresses: expect.arrayContaining([gateway]) });
    expect(plan.services).toContainEqual(radvd);
    // Neighbours of IPv6 are told by router advertisements.
    expect(plan.announcements.map(({ address }) => address)).toEqual(['10.1.1.1']);
  });

  it('is nothing where none was sent', () => {
    const plan = planCommand(implement(), domainAfter());
    expect(plan.links.ipv6Links).toEqual([]);
    expect(plan.services).not.toContainEqual(radvd);
  });

  it('stays when a later call does not say it, and is made complete', () => {
    const plan = planCommand(implement(), domainAfter(implement({ ipv6: first })));
    expect(plan).toMatchObject({ changes: [], links: { ipv6Links: ['vn-100-42'], removedAddresses: [] } });
    expect(plan.links.addresses).toContainEqual(gateway);
  });

  it('may come with config-dhcp-subnet, which completes it each time', () => {
    const domain = domainAfter(implement());
    const plan = planCommand(withDhcp(first), domain);
    expect(plan.links).toMatchObject({ ipv6Links: ['vn-100-42'], addresses: [gateway] });
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['network', 'nameService']);
    expect(plan.services.map(({ service }) => service)).toEqual(['dnsmasq', 'radvd']);
    const again = planCommand(withDhcp(first), domainAfter(implement(), withDhcp(first)));
    expect(again).toMatchObject({ changes: [], links: { addresses: [gateway] }, services: [{}, radvd] });
    expect(planCommand(withDhcp(undefined), domain).services.map(({ service }) => service)).toEqual(['dnsmasq']);
  });

  it('may come with prepare-nic, also where no DHCP is served', () => {
    const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', ipv6Address: '2001:db8:1::a', hostname: 'web-1' };
    const prepare = (ipv6: GuestIpv6 | undefined) => prepareNic({ ...nic, ipv6 });
    const plan = planCommand(prepare(first), domainAfter(implement()));
    expect(plan).toMatchObject({ links: { ipv6Links: ['vn-100-42'], addresses: [gateway] }, services: [radvd] });
    expect(planCommand(prepare(undefined), domainAfter(implement())).services).toEqual([]);
    const domain = domainAfter(implement(), configure('dns'), prepare(first));
    expect([...domain.guestName.values()]).toMatchObject([{ ip: '10.1.1.10', ipv6Address: '2001:db8:1::a' }]);
  });

  it('may be another one: the old gateway goes', () => {
    const plan = planCommand(implement({ ipv6: second }), domainAfter(implement({ ipv6: first })));
    expect(plan.links.removedAddresses).toEqual([gateway]);
    const moved = { ...target(), vlan: 101 };
    const elsewhere = planCommand(implement({ target: moved }), domainAfter(implement({ ipv6: first })));
    expect(elsewhere.links).toMatchObject({ removedAddresses: [], ipv6Links: ['vn-101-42'] });
  });

  it('is left to the gateway where that is another machine', () => {
    const plan = planCommand(implement({ extensionIp: '10.1.1.2', ipv6: first }), domainAfter());
    expect(plan.links.ipv6Links).toEqual([]);
    expect(plan.links.addresses.map(({ address }) => address)).toEqual(['10.1.1.2']);
    expect(plan.notes).toEqual(['network 42: its gateway 10.1.1.1 is another machine, and IPv6 is left to it']);
  });

  it('is left to the router of a shared network', () => {
    const shared = { gateway: '10.1.1.1', cidr: { address: '10.1.1.0', prefix: 24 }, extensionIp: '10.1.1.1' };
    const plan = planCommand(implement({ target: target({ shared }), ipv6: first }), domainAfter());
    expect(plan.links.ipv6Links).toEqual([]);
    expect(plan.notes).toHaveLength(1);
  });

  it('is its own in a VPC', () => {
    const domain = domainAfter(implementTier(1, { ipv6: first }));
    const inside = { ...first, cidr: { address: '2001:db8:1::', prefix: 80 } };
    expect(() => planCommand(implementTier(2, { ipv6: inside }), domain)).toThrow(
      'network_ip6_cidr "2001:db8:1::/80" overlaps 2001:db8:1::/64 of network 51 of the same VPC; expected a CIDR of its own',
    );
    expect(planCommand(implementTier(2, { ipv6: second }), domain).links.ipv6Links).toEqual(['vn-101-9']);
  });

  it('goes with the network', () => {
    const isolated = planCommand(shutdown(), domainAfter(implement({ ipv6: first })));
    expect(isolated.services).toContainEqual(radvd);
    const tier = planCommand(shutdown(tierTarget(1)), domainAfter(implementTier(1, { ipv6: first })));
    expect(tier.services).toContainEqual({ service: 'radvd', networkId: '51' });
  });
});
