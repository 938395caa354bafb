import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { patience } from '../host/patience.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, createHost, trimmed } from './scene.js';

describe('implement-network', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101, 102, 103, 104, 105, 106] });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
  });
  afterAll(() => host?.destroy());

  test('makes a namespace that ip netns knows', async () => {
    expect(await host.namespaces()).toContain('cs-net-42');
    expect(await host.self.output('ip', 'netns', 'exec', 'cs-net-42', 'echo', 'inside')).toBe('inside\n');
  });

  test('makes VLAN interface, bridge and veth, all up', async () => {
    const links = await host.self.links();
    const byName = (name: string) => links.find((link) => link.ifname === name);
    expect(byName('eth1.100')).toMatchObject({ master: 'breth1-100', flags: expect.arrayContaining(['UP']) });
    expect(byName('breth1-100')).toMatchObject({
      linkinfo: { info_kind: 'bridge' },
      flags: expect.arrayContaining(['UP']),
    });
    expect(byName('vh-100-42')).toMatchObject({ master: 'breth1-100', flags: expect.arrayContaining(['UP']) });
    expect(byName('vn-100-42')).toBeUndefined();
    if (host.realVlans)
      expect(byName('eth1.100')).toMatchObject({
        link: 'eth1',
        linkinfo: { info_kind: 'vlan', info_data: { id: 100 } },
      });
    const inside = await network.inside.links();
    expect(inside.map((link) => link.ifname).sort()).toEqual(['lo', 'vn-100-42']);
    for (const link of inside) expect(link.flags).toContain('UP');
  });

  test('gives the gateway address to the namespace and forwards', async () => {
    expect(await network.inside.addresses()).toEqual({ lo: ['127.0.0.1/8'], 'vn-100-42': ['10.1.1.1/24'] });
    expect(await network.inside.sysctl('net.ipv4.ip_forward')).toBe('1');
    expect((await network.inside.routes()).map((route) => route.dst)).toEqual(['10.1.1.0/24']);
  });

  test('switches IPv6 off in the namespace', async () => {
    expect((await network.inside.output('ip', '-6', '-o', 'address', 'show')).trim()).toBe('');
    expect(await network.inside.sysctl('net.ipv6.conf.all.disable_ipv6')).toBe('1');
  });

  test('gives the host no IPv6 address on its links: guests could call it there', async () => {
    const addresses = await host.self.output('ip', '-6', '-o', 'address', 'show');
    expect(addresses).toContain('inet6');
    expect(addresses).not.toMatch(/breth1-100|vh-100-42|eth1\.100/);
  });

  test('makes the chains of the network', async () => {
    const chains = await network.inside.output('nft', 'list', 'chains', 'ip');
    for (const name of ['CS_EXTNET_42_PR', 'CS_EXTNET_42_POST', 'CS_EXTNET_FWD_42']) expect(chains).toContain(name);
  });

  test('writes its state files', async () => {
    expect(trimmed(await host.state())).toMatchObject({
      'network-42/vlan': '100',
      'network-42/gateway': '10.1.1.1',
      'network-42/cidr': '10.1.1.0/24',
      'network-42/extension-ip': '10.1.1.1',
      'network-42/namespace': 'cs-net-42',
    });
  });

  test('a guest behind the VLAN and one on this host reach the gateway and each other', async () => {
    const far = await attachGuest(host, network, 10, 100);
    const near = await host.attachLocalGuest(100, { addresses: ['10.1.1.11/24'], gateway: '10.1.1.1' });
    expect(await far.ping('10.1.1.1')).toBe('answered');
    expect(await near.ping('10.1.1.1')).toBe('answered');
    expect(await far.ping('10.1.1.11')).toBe('answered');
    await far.remove();
    await near.remove();
  });

  test('again: changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.implement();
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('with another extension IP: that address, default route by the gateway', async () => {
    const shared = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2', extensionIp: '10.1.2.5' });
    await shared.implement();
    expect(await shared.inside.addresses()).toMatchObject({ 'vn-101-43': ['10.1.2.5/24'] });
    expect(await shared.inside.routes()).toContainEqual(
      expect.objectContaining({ dst: 'default', gateway: '10.1.2.1', dev: 'vn-101-43' }),
    );
    expect(trimmed(await host.state())).toMatchObject({
      'network-43/extension-ip': '10.1.2.5',
      'network-43/gateway': '10.1.2.1',
    });
    await shared.implement();
  });

  test('without extension IP: the gateway address', async () => {
    const plain = new Network(host, { id: 44, vlan: 102, prefix: '10.1.3', extensionIp: '' });
    await plain.implement();
    expect(await plain.inside.addresses()).toMatchObject({ 'vn-102-44': ['10.1.3.1/24'] });
  });

  test('uses the VLAN interface and the bridge that are there', async () => {
    if (host.realVlans)
      await host.self.output('ip', 'link', 'add', 'link', 'eth1', 'name', 'eth1.103', 'type', 'vlan', 'id', '103');
    await host.self.ipBatch([
      ['link', 'add', 'breth1-103', 'type', 'bridge'],
      ['link', 'set', 'eth1.103', 'master', 'breth1-103', 'up'],
      ['link', 'set', 'breth1-103', 'up'],
    ]);
    const indexes = async () =>
      (await host.self.links())
        .filter((link) => link.ifname.endsWith('103'))
        .map((link) => [link.ifname, link.ifindex]);
    const before = await indexes();
    const there = new Network(host, { id: 45, vlan: 103, prefix: '10.1.4' });
    await there.implement();
    expect(await indexes()).toEqual(before);
    const guest = await attachGuest(host, there, 10, 103);
    expect(await guest.ping('10.1.4.1')).toBe('answered');
  });

  test('announces the gateway address to guests that know another hardware address for it', async () => {
    const announced = new Network(host, { id: 46, vlan: 104, prefix: '10.1.5' });
    const guest = await attachGuest(host, announced, 10, 104);
    await guest.output(
      'ip',
      'neighbour',
      'replace',
      '10.1.5.1',
      'lladdr',
      '02:00:00:00:de:ad',
      'dev',
      'eth0',
      'nud',
      'reachable',
    );
    const watch = await guest.watch('eth0');
    await announced.implement();
    const mac = (await announced.inside.link('vn-104-46'))?.address;
    const [first] = await watch.announcements('10.1.5.1', 1, patience(3000));
    expect(first).toMatchObject({ senderMac: mac, destinationMac: 'ff:ff:ff:ff:ff:ff' });
    expect(await guest.eventually(async () => (await guest.neighbour('10.1.5.1')) === mac)).toBe(true);
    expect(await guest.ping('10.1.5.1')).toBe('answered');
    await watch.close();
  });

  test('takes the namespace from the network details', async () => {
    const options = Object.entries(new Network(host, { id: 47, vlan: 105, prefix: '10.1.6' }).implementOptions());
    const argv = ['implement-network', ...options.flatMap(([name, value]) => [`--${name}`, String(value)])];
    const details = [
      '--physical-network-extension-details',
      '{}',
      '--network-extension-details',
      '{"namespace":"cs-other-47"}',
    ];
    expect(await host.callRaw([...argv, ...details])).toMatchObject({ exit: 0, stdout: '', stderr: '' });
    expect(await host.namespaces()).toContain('cs-other-47');
    expect(await host.namespaces()).not.toContain('cs-net-47');
    expect(await host.inside('cs-other-47').addresses()).toMatchObject({ 'vn-105-47': ['10.1.6.1/24'] });
    expect(trimmed(await host.state())).toMatchObject({ 'network-47/namespace': 'cs-other-47' });
  });

  test('without VLAN: the namespace only, completed by a later call with one', async () => {
    const links = (await host.self.links()).map((link) => link.ifname);
    const early = new Network(host, { id: 48, vlan: '', prefix: '10.1.7' });
    await early.implement();
    expect(await host.namespaces()).toContain('cs-net-48');
    expect((await host.self.links()).map((link) => link.ifname)).toEqual(links);
    await early.implement(106);
    const guest = await attachGuest(host, early, 10, 106);
    expect(await guest.ping('10.1.7.1')).toBe('answered');
    await early.shutdown('');
    await early.destroy();
    expect(await host.namespaces()).not.toContain('cs-net-48');
  });

  test('keeps secrets out of log, state and process list', async () => {
    const secret = 'FAKE-host-password-for-tests';
    const files = { ...(await host.tree('/var/log/cloudstack', '/var/lib/cloudstack', '/run/cloudstack-netns')) };
    expect(Object.keys(files)).toContain(host.logFile);
    expect(Object.entries(files).filter(([, file]) => file.content?.includes(secret))).toEqual([]);
    expect(await host.self.output('ps', '-eo', 'args')).not.toContain(secret);
  });
});
