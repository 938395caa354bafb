import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet, trimmed } from './scene.js';

describe('tiers of a VPC', () => {
  let host: TestHost;
  let first: Network;
  let second: Network;
  let firstGuest: Endpoint;
  let secondGuest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    first = new Network(host, { id: 51, vlan: 100, prefix: '10.9.1', vpcId: 9 });
    second = new Network(host, { id: 52, vlan: 101, prefix: '10.9.2', vpcId: 9 });
    outside = await attachInternet(host);
    firstGuest = await attachGuest(host, first, 10, 100);
    secondGuest = await attachGuest(host, second, 10, 101);
    await firstGuest.listenTcp(22);
    await secondGuest.listenTcp(22);
    await outside.listenTcp(80);
  });
  afterAll(() => host?.destroy());

  const linkNames = async () => (await host.self.links()).map((link) => link.ifname);
  const statePaths = async (part: string) => Object.keys(await host.state()).filter((path) => path.includes(part));

  test('share one namespace; their links carry the id of the VPC', async () => {
    await first.implement();
    await second.implement();
    expect(await host.namespaces()).toEqual(['cs-vpc-9']);
    expect(await linkNames()).toEqual(expect.arrayContaining(['vh-100-9', 'vh-101-9']));
    expect(await first.inside.addresses()).toMatchObject({ 'vn-100-9': ['10.9.1.1/24'], 'vn-101-9': ['10.9.2.1/24'] });
    const state = trimmed(await host.state());
    expect(state).toMatchObject({
      'vpc-9/namespace': 'cs-vpc-9',
      'network-51/vlan': '100',
      'network-52/cidr': '10.9.2.0/24',
    });
    expect(Object.keys(state)).toEqual(expect.arrayContaining(['vpc-9/tiers/51', 'vpc-9/tiers/52']));
  });

  test('reach each other as long as there is no ACL', async () => {
    expect(await firstGuest.tcp('10.9.2.10', 22)).toMatchObject({ result: 'open', seen: { peer: '10.9.1.10' } });
    expect(await secondGuest.ping('10.9.1.10')).toBe('answered');
  });

  test('share one public veth', async () => {
    await first.assign('203.0.113.21');
    await second.assign('203.0.113.22');
    expect((await linkNames()).filter((name) => name.startsWith('vph-'))).toEqual(['vph-200-9']);
    expect((await first.inside.addresses())['vpn-200-9']).toEqual(['203.0.113.21/24', '203.0.113.22/24']);
    const state = trimmed(await host.state());
    expect(
      Object.entries(state)
        .filter(([path]) => path.endsWith('.tier'))
        .map(([path, tier]) => `${path.replace(/.*\//, '')} ${tier}`)
        .sort(),
    ).toEqual(['203.0.113.21.tier 51', '203.0.113.22.tier 52']);
  });

  test('source NAT of a VPC is not made by assign-ip', async () => {
    await first.assign('203.0.113.20', { sourceNat: true });
    await outside.output('ip', 'route', 'add', '10.9.0.0/16', 'via', '203.0.113.20');
    expect((await firstGuest.tcp(internet, 80)).seen?.peer).toBe('10.9.1.10');
    await outside.output('ip', 'route', 'delete', '10.9.0.0/16');
    await first.release('203.0.113.20', { sourceNat: true });
  });

  test('have static NAT and port forwards of their own', async () => {
    await first.addStaticNat('203.0.113.21', '10.9.1.10');
    await second.addPortForward({
      publicIp: '203.0.113.22',
      publicPort: 2222,
      privateIp: '10.9.2.10',
      privatePort: 22,
    });
    expect(await outside.tcp('203.0.113.21', 22, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.9.1.10' },
    });
    expect(await outside.tcp('203.0.113.22', 2222, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.9.2.10' },
    });
    expect((await firstGuest.tcp(internet, 80)).seen?.peer).toBe('203.0.113.21');
  });

  test('one is shut down: the other keeps its address, its connections and the shared veth', async () => {
    const connection = await outside.connect('203.0.113.22', 2222, { from: internet });
    await first.shutdown();
    expect(await connection.exchange()).toBe('answered');
    expect(await outside.tcp('203.0.113.22', 2222, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.9.2.10' },
    });
    expect((await outside.tcp('203.0.113.21', 22, { from: internet, ...briefly })).result).not.toBe('open');
    expect(await linkNames()).toEqual(expect.arrayContaining(['vph-200-9', 'vh-101-9']));
    expect(await linkNames()).not.toContain('vh-100-9');
    expect(await host.namespaces()).toEqual(['cs-vpc-9']);
    expect(await secondGuest.ping('10.9.2.1')).toBe('answered');
    expect(await statePaths('203.0.113.22')).not.toEqual([]);
    await first.shutdown('');
    expect(await connection.exchange()).toBe('answered');
  });

  test('destroyed: its directory and its place among the tiers are gone, the other stays', async () => {
    await first.destroy();
    expect(await statePaths('network-51/')).toEqual([]);
    expect(await statePaths('tiers/')).toEqual(['vpc-9/tiers/52']);
    expect(await outside.tcp('203.0.113.22', 2222, { from: internet })).toMatchObject({ result: 'open' });
  });

  test('comes back beside the other', async () => {
    await first.implement();
    await first.assign('203.0.113.21');
    await first.addStaticNat('203.0.113.21', '10.9.1.10');
    expect(await outside.tcp('203.0.113.21', 22, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.9.1.10' },
    });
    await first.release('203.0.113.21');
    expect(await linkNames()).toContain('vph-200-9');
    expect(await outside.tcp('203.0.113.22', 2222, { from: internet })).toMatchObject({ result: 'open' });
    await first.shutdown();
    await first.destroy();
  });

  test('the last user takes the public veth; the namespace of the VPC stays', async () => {
    await second.shutdown();
    await second.destroy();
    expect((await linkNames()).filter((name) => /^v(p?h|p?n)-/.test(name))).toEqual([]);
    expect((await host.self.routes()).filter((route) => route.dst.startsWith('203.0.113.'))).toEqual([]);
    expect(await host.namespaces()).toEqual(['cs-vpc-9']);
    expect((await first.inside.links()).map((link) => link.ifname)).toEqual(['lo']);
    expect(await statePaths('tiers/')).toEqual([]);
    expect(await statePaths('network-')).toEqual([]);
  });
});
