import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly, patience } from '../host/patience.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet, trimmed } from './scene.js';

describe('assign-ip and release-ip', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    await network.implement();
  });
  afterAll(() => host?.destroy());

  test('announces the address three times, and does not wait for that', async () => {
    const watch = await outside.watch('eth0');
    const outcome = await network.assign('203.0.113.10', { sourceNat: true });
    expect(outcome.milliseconds).toBeLessThan(patience(900));
    const announcements = await watch.announcements('203.0.113.10', 3, patience(3500));
    expect(announcements.length).toBeGreaterThanOrEqual(2); // the first may come before the bridge port is up
    const mac = (await network.inside.link('vpn-200-42'))?.address;
    expect(new Set(announcements.map((frame) => frame.senderMac))).toEqual(new Set([mac]));
    expect(new Set(announcements.map((frame) => frame.destinationMac))).toEqual(new Set(['ff:ff:ff:ff:ff:ff']));
    await watch.close();
  });

  test('makes VLAN interface, bridge, veth, addresses and routes', async () => {
    const links = await host.self.links();
    const byName = (name: string) => links.find((link) => link.ifname === name);
    expect(byName('eth1.200')).toMatchObject({ master: 'breth1-200', flags: expect.arrayContaining(['UP']) });
    expect(byName('vph-200-42')).toMatchObject({ master: 'breth1-200', flags: expect.arrayContaining(['UP']) });
    expect(await network.inside.addresses()).toMatchObject({ 'vpn-200-42': ['203.0.113.10/24'] });
    expect(await host.self.routes()).toContainEqual(
      expect.objectContaining({ dst: '203.0.113.10', dev: 'vph-200-42' }),
    );
    expect(await network.inside.routes()).toContainEqual(
      expect.objectContaining({ dst: 'default', gateway: '203.0.113.1', dev: 'vpn-200-42' }),
    );
    expect(trimmed(await host.state())).toMatchObject({
      'network-42/ips/203.0.113.10': 'true',
      'network-42/ips/203.0.113.10.pvlan': '200',
      'network-42/ips/203.0.113.10.tier': '42',
    });
  });

  test('guests go out from the source NAT address', async () => {
    const tcp = await outside.listenTcp(80);
    const udp = await outside.listenUdp(53);
    expect(await guest.tcp(internet, 80)).toMatchObject({
      result: 'open',
      seen: { peer: '203.0.113.10', local: internet },
    });
    expect(await guest.udp(internet, 53)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    const watch = await outside.watch('eth0');
    expect(await guest.ping(internet)).toBe('answered');
    const isPing = (frame: { kind: string; protocol?: number; destination?: string }) =>
      frame.kind === 'ip' && frame.protocol === 1 && frame.destination === internet;
    const pings = (await watch.until((frames) => frames.some(isPing), patience(1000))).filter(isPing);
    expect(new Set(pings.map((frame) => (frame.kind === 'ip' ? frame.source : '')))).toEqual(new Set(['203.0.113.10']));
    await Promise.all([tcp.close(), udp.close(), watch.close()]);
  });

  test('the address answers outside', async () => {
    expect(await outside.ping('203.0.113.10', { from: internet })).toBe('answered');
  });

  test('again: changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.assign('203.0.113.10', { sourceNat: true });
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('a second address changes nothing for the first', async () => {
    const tcp = await outside.listenTcp(80);
    await network.assign('203.0.113.11');
    expect((await network.inside.addresses())['vpn-200-42']).toEqual(['203.0.113.10/24', '203.0.113.11/24']);
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    expect(await outside.ping('203.0.113.11', { from: internet })).toBe('answered');
    expect(trimmed(await host.state())).toMatchObject({
      'network-42/ips/203.0.113.10': 'true',
      'network-42/ips/203.0.113.11': 'false',
      'network-42/ips/203.0.113.11.pvlan': '200',
    });
    await tcp.close();
  });

  test('without netmask and gateway: a single address and no other route', async () => {
    const routes = await network.inside.routes();
    await network.assign('203.0.113.12', { cidr: '', gateway: '' });
    expect((await network.inside.addresses())['vpn-200-42']).toContain('203.0.113.12/32');
    expect((await network.inside.routes()).filter((route) => route.dst === 'default')).toEqual(
      routes.filter((route) => route.dst === 'default'),
    );
    await network.release('203.0.113.12', { cidr: '', gateway: '', vlan: '' });
    expect((await network.inside.addresses())['vpn-200-42']).not.toContain('203.0.113.12/32');
  });

  test('release undoes one address, with its NAT, and leaves the other', async () => {
    await network.addPortForward({
      publicIp: '203.0.113.11',
      publicPort: 2222,
      privateIp: guest.address,
      privatePort: 22,
    });
    const ssh = await guest.listenTcp(22);
    const tcp = await outside.listenTcp(80);
    expect((await outside.tcp('203.0.113.11', 2222, { from: internet })).result).toBe('open');
    await network.release('203.0.113.11');
    expect((await network.inside.addresses())['vpn-200-42']).toEqual(['203.0.113.10/24']);
    expect((await host.self.routes()).map((route) => route.dst)).not.toContain('203.0.113.11');
    expect((await host.self.routes()).map((route) => route.dst)).toContain('203.0.113.10');
    expect(Object.keys(await host.state()).filter((path) => path.includes('203.0.113.11'))).toEqual([]);
    expect(await host.self.link('vph-200-42')).toBeDefined();
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    // Assigned again, the old forward must not be there.
    await network.assign('203.0.113.11');
    expect((await outside.tcp('203.0.113.11', 2222, { from: internet, ...briefly })).result).not.toBe('open');
    await network.release('203.0.113.11');
    await network.release('203.0.113.11');
    await Promise.all([ssh.close(), tcp.close()]);
  });

  test('3.0.113.10 is not 203.0.113.10', async () => {
    await network.assign('3.0.113.10', { gateway: '', vlan: 'vlan://200' });
    await network.addPortForward({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: guest.address,
      privatePort: 22,
    });
    await network.addPortForward({
      publicIp: '3.0.113.10',
      publicPort: 2222,
      privateIp: guest.address,
      privatePort: 22,
    });
    const ssh = await guest.listenTcp(22);
    const tcp = await outside.listenTcp(80);
    expect((await outside.tcp('3.0.113.10', 2222)).result).toBe('open');
    await network.release('3.0.113.10', { gateway: '', vlan: 'vlan://200' });
    expect((await network.inside.addresses())['vpn-200-42']).toEqual(['203.0.113.10/24']);
    expect((await host.self.routes()).map((route) => route.dst)).toContain('203.0.113.10');
    expect((await outside.tcp('203.0.113.10', 2222, { from: internet })).result).toBe('open');
    expect((await outside.tcp('3.0.113.10', 2222, briefly)).result).not.toBe('open');
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    expect(
      Object.keys(await host.state())
        .filter((path) => path.startsWith('network-42/ips/'))
        .sort(),
    ).toEqual(['network-42/ips/203.0.113.10', 'network-42/ips/203.0.113.10.pvlan', 'network-42/ips/203.0.113.10.tier']);
    await network.deletePortForward({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: guest.address,
      privatePort: 22,
    });
    await Promise.all([ssh.close(), tcp.close()]);
  });

  test('an address on another public VLAN has a veth of its own', async () => {
    await network.assign('192.0.2.20', { vlan: 'vlan://201', gateway: '' });
    expect(await host.self.link('vph-201-42')).toMatchObject({ master: 'breth1-201' });
    const other = await host.attachOutside(201, { addresses: ['192.0.2.1/24'] });
    expect(await other.ping('192.0.2.20')).toBe('answered');
    expect(await outside.ping('203.0.113.10')).toBe('answered');
    await network.release('192.0.2.20', { vlan: '', gateway: '' });
    expect(await host.self.link('vph-201-42')).toBeUndefined();
    expect(await host.self.link('vph-200-42')).toBeDefined();
    await other.remove();
  });

  test('release of the last address takes veth, default route and source NAT; VLAN interface and bridge stay', async () => {
    await network.release('203.0.113.10', { sourceNat: true });
    const names = (await host.self.links()).map((link) => link.ifname);
    expect(names).toEqual(expect.arrayContaining(['eth1.200', 'breth1-200', 'vh-100-42']));
    expect(names).not.toContain('vph-200-42');
    expect((await network.inside.routes()).map((route) => route.dst)).toEqual(['10.1.1.0/24']);
    expect((await host.self.routes()).filter((route) => route.dst.startsWith('203.0.113.'))).toEqual([]);
    expect(Object.keys(await host.state()).filter((path) => path.startsWith('network-42/ips/'))).toEqual([]);
    expect(await guest.ping(internet, briefly)).not.toBe('answered');
    expect(await guest.ping('10.1.1.1')).toBe('answered');
    await network.release('203.0.113.10', { sourceNat: true });
  });

  test('comes back, and its new hardware address is announced', async () => {
    const watch = await outside.watch('eth0');
    await network.assign('203.0.113.10', { sourceNat: true });
    const mac = (await network.inside.link('vpn-200-42'))?.address;
    const [first] = await watch.announcements('203.0.113.10', 1, patience(3500));
    expect(first?.senderMac).toBe(mac);
    const tcp = await outside.listenTcp(80);
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    expect(await outside.neighbour('203.0.113.10')).toBe(mac);
    await Promise.all([tcp.close(), watch.close()]);
  });

  test('a guest without NAT of its own cannot be reached by its private address', async () => {
    const ssh = await guest.listenTcp(22);
    await outside.output('ip', 'route', 'add', '10.1.1.0/24', 'via', '203.0.113.10');
    expect((await outside.tcp(guest.address, 22, { from: internet, ...briefly })).result).not.toBe('open');
    await outside.output('ip', 'route', 'delete', '10.1.1.0/24');
    await network.addPortForward({
      publicIp: '203.0.113.10',
      publicPort: 22,
      privateIp: guest.address,
      privatePort: 22,
    });
    expect((await outside.tcp('203.0.113.10', 22, { from: internet })).result).toBe('open');
    await ssh.close();
  });
});
