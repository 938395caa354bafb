import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';

describe('names of links', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 3999, 4094], publicVlans: [200, 3998, 4093] });
  });
  afterAll(() => host?.destroy());

  const linkNames = async () => (await host.self.links()).map((link) => link.ifname);

  test('vlan://100 is VLAN 100', async () => {
    const network = new Network(host, { id: 42, vlan: 'vlan://100' });
    await network.implement();
    expect(await linkNames()).toEqual(expect.arrayContaining(['eth1.100', 'breth1-100', 'vh-100-42']));
    expect(await network.inside.addresses()).toMatchObject({ 'vn-100-42': ['10.1.1.1/24'] });
    expect((await host.state())['network-42/vlan']?.trim()).toBe('100');
    await network.shutdown();
    await network.destroy();
  });

  test('a name of 15 characters is kept, a longer one carries the id in hex', async () => {
    const network = new Network(host, { id: 1048577, vlan: 3999 });
    await network.implement();
    expect(await linkNames()).toContain('vh-3999-1048577');
    await network.assign('203.0.113.71', { sourceNat: true, vlan: 'vlan://3998' });
    expect(await linkNames()).toContain('vph-3998-100001');
    expect(await network.inside.addresses()).toMatchObject({
      'vn-3999-1048577': ['10.1.1.1/24'],
      'vpn-3998-100001': ['203.0.113.71/24'],
    });
    await network.release('203.0.113.71', { sourceNat: true, vlan: 'vlan://3998' });
    expect(await linkNames()).not.toContain('vph-3998-100001');
    await network.shutdown();
    expect(await linkNames()).not.toContain('vh-3999-1048577');
    await network.destroy();
  });

  test('what is too long in hex too is cut, and works', async () => {
    const network = new Network(host, { id: '123456789012', vlan: 4094 });
    await network.implement();
    await network.assign('203.0.113.70', { sourceNat: true, vlan: 'vlan://4093' });
    expect(await linkNames()).toEqual(expect.arrayContaining(['vh-4094-1cbe991', 'vph-4093-1cbe99']));
    const guest = await attachGuest(host, network, 10, 4094);
    const outside = await attachInternet(host, 4093);
    const server = await outside.listenTcp(80);
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.70' } });
    await server.close();
  });

  test('a name that collides after cutting is an error that says so', async () => {
    const before = await takeSnapshot(host);
    const second = new Network(host, { id: '123456789013', vlan: 4094, prefix: '10.1.2' });
    const answer = await host.call('implement-network', second.implementOptions());
    expect(answer).toMatchObject({ exit: 1, stdout: '' });
    expect(answer.stderr).toContain('vh-4094-1cbe991');
    expect(await takeSnapshot(host)).toEqual(before);
    await new Network(host, { id: '123456789012', vlan: 4094 }).shutdown();
    expect(await linkNames()).not.toContain('vh-4094-1cbe991');
  });

  test('untagged: the device itself is the bridge port', async () => {
    const network = new Network(host, { id: 4001, vlan: 'untagged', prefix: '10.2.1' });
    await network.implement();
    expect(await host.self.link('eth1')).toMatchObject({ master: 'breth1-untagged' });
    expect(await host.self.link('vh-untagged-fa1')).toMatchObject({ master: 'breth1-untagged' });
    const guest = await attachGuest(host, network, 10, 'untagged');
    expect(await guest.ping('10.2.1.1')).toBe('answered');
    await network.assign('203.0.113.60', { sourceNat: true, vlan: 'vlan://untagged' });
    expect(await host.self.link('vph-untagged-fa')).toMatchObject({ master: 'breth1-untagged' });
    const outside = await attachInternet(host, 'untagged');
    const server = await outside.listenTcp(80);
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.60' } });
    await server.close();
    await network.shutdown();
    expect(await linkNames()).not.toContain('vh-untagged-fa1');
    expect(await host.self.link('eth1')).toMatchObject({ master: 'breth1-untagged' });
    await network.destroy();
  });
});

describe('device names', () => {
  test('guest and public side on different devices', async () => {
    const host = await createHost({ guestDevice: 'eth1', publicDevice: 'eth2', guestVlans: [100], publicVlans: [110] });
    try {
      const network = new Network(host, { id: 5, vlan: 100 });
      await network.implement();
      await network.assign('203.0.113.10', { sourceNat: true, vlan: 'vlan://110' });
      const names = (await host.self.links()).map((link) => link.ifname);
      expect(names).toEqual(expect.arrayContaining(['breth1-100', 'eth2.110', 'breth2-110', 'vph-110-5']));
      const guest = await attachGuest(host, network, 10, 100);
      const outside = await attachInternet(host, 110);
      await outside.listenTcp(80);
      expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    } finally {
      await host.destroy();
    }
  });
});
