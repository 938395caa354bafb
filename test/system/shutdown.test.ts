import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';

describe('shutdown-network and destroy-network', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101, 102, 103, 104, 105] });
  });
  afterAll(() => host?.destroy());

  const linkNames = async () => (await host.self.links()).map((link) => link.ifname);
  const stateOf = async (id: number) =>
    Object.keys(await host.state()).filter((path) => path.startsWith(`network-${id}/`));

  test('shutdown takes namespace, veths and NAT state; VLAN interface and bridge stay', async () => {
    const network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.assign('203.0.113.11');
    await network.addStaticNat('203.0.113.11', '10.1.1.10');
    await network.addPortForward({ publicIp: '203.0.113.10', publicPort: 80, privateIp: '10.1.1.10', privatePort: 80 });
    await network.shutdown();
    expect(await host.namespaces()).not.toContain('cs-net-42');
    expect(await linkNames()).toEqual(expect.arrayContaining(['eth1.100', 'breth1-100', 'eth1.200', 'breth1-200']));
    expect((await linkNames()).filter((name) => /^v(p?h|p?n)-/.test(name))).toEqual([]);
    expect((await host.self.routes()).filter((route) => route.dst.startsWith('203.0.113.'))).toEqual([]);
    const left = await stateOf(42);
    expect(left).toContain('network-42/vlan');
    expect(left.filter((path) => /\/(ips|static-nat|port-forward)\//.test(path))).toEqual([]);
  });

  test('both succeed when nothing exists, and destroy takes the state directory', async () => {
    const network = new Network(host, { id: 42, vlan: 100 });
    await network.shutdown();
    await network.shutdown('');
    await network.destroy();
    expect(await stateOf(42)).toEqual([]);
    expect(Object.keys(await host.tree(host.stateDirectory)).filter((path) => /\/network-42(\/|$)/.test(path))).toEqual(
      [],
    );
    await network.destroy();
    await network.shutdown();
    expect(await host.namespaces()).toEqual([]);
  });

  test('destroy without shutdown does all of it, with the VLAN from the state', async () => {
    const network = new Network(host, { id: 43, vlan: 101 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.destroy('');
    expect(await host.namespaces()).toEqual([]);
    expect((await linkNames()).filter((name) => /^v(p?h|p?n)-/.test(name))).toEqual([]);
    expect(await stateOf(43)).toEqual([]);
  });

  test('revoke commands after the end succeed and create nothing', async () => {
    const network = new Network(host, { id: 44, vlan: 102 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.shutdown();
    await network.destroy();
    const gone = new Network(host, { id: 44, vlan: '' });
    const before = await takeSnapshot(host);
    const forward = { publicIp: '203.0.113.10', publicPort: 80, privateIp: '10.1.1.10', privatePort: 80 };
    await gone.deletePortForward(forward);
    await gone.deletePortForward({ ...forward, privateIp: '', privatePort: '' });
    await gone.deleteStaticNat('203.0.113.10', '10.1.1.10');
    await gone.deleteStaticNat('203.0.113.10', '', '');
    await gone.release('203.0.113.10', { sourceNat: true });
    await gone.release('203.0.113.10', { sourceNat: true, vlan: '' });
    // An assignment of the source NAT address can still arrive after the end.
    await gone.assign('203.0.113.10', { sourceNat: true });
    expect(await takeSnapshot(host)).toEqual(before);
    // Not even an empty state directory comes back.
    expect(Object.keys(await host.tree(host.stateDirectory)).filter((path) => path.includes('network-44/'))).toEqual(
      [],
    );
  });

  test('a network lives again after its shutdown, at once and with another VLAN', async () => {
    const network = new Network(host, { id: 45, vlan: 103 });
    for (let round = 0; round < 3; round += 1) {
      await network.implement(103);
      await network.assign('203.0.113.10', { sourceNat: true });
      await network.shutdown();
    }
    await network.implement(104);
    const guest = await attachGuest(host, network, 10, 104);
    expect(await guest.ping('10.1.1.1')).toBe('answered');
    expect(await linkNames()).not.toContain('vh-103-45');
    expect((await host.state())['network-45/vlan']?.trim()).toBe('104');
    await network.shutdown();
    await network.destroy();
  });

  test('the oldest names of the commands', async () => {
    const network = new Network(host, { id: 46, vlan: 105 });
    await host.perform('implement', network.implementOptions());
    expect(await host.namespaces()).toContain('cs-net-46');
    await host.perform('shutdown', { 'network-id': 46, vlan: 105 });
    expect(await host.namespaces()).not.toContain('cs-net-46');
    await host.perform('destroy', { 'network-id': 46, vlan: 105 });
    expect(await stateOf(46)).toEqual([]);
  });

  test('network 2 is not network 209', async () => {
    const two = new Network(host, { id: 2, vlan: 100, prefix: '10.1.1' });
    const other = new Network(host, { id: 209, vlan: 101, prefix: '10.1.2' });
    await two.implement();
    await other.implement();
    await two.assign('203.0.113.10', { sourceNat: true });
    await other.assign('203.0.113.20', { sourceNat: true });
    await other.addPortForward({ publicIp: '203.0.113.20', publicPort: 80, privateIp: '10.1.2.10', privatePort: 80 });
    const outside = await attachInternet(host);
    const server = await outside.listenTcp(80);
    const guest = await attachGuest(host, other, 10, 101);
    const guestServer = await guest.listenTcp(80);
    const connection = await outside.connect('203.0.113.20', 80, { from: internet });
    await two.shutdown();
    await two.destroy();
    expect(await connection.exchange()).toBe('answered');
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.20' } });
    expect((await outside.tcp('203.0.113.20', 80, { from: internet })).result).toBe('open');
    expect(await host.namespaces()).toEqual(['cs-net-209']);
    expect(await stateOf(2)).toEqual([]);
    expect(await stateOf(209)).toContain('network-209/vlan');
    await Promise.all([server.close(), guestServer.close(), outside.remove(), guest.remove()]);
    await other.shutdown();
    await other.destroy();
    expect(await host.namespaces()).toEqual([]);
  });
});
