import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baselineWrapper } from '../host/baseline.js';
import type { Endpoint } from '../host/endpoint.js';
import { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { ask, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { acl, egress, ingress } from './rules.js';
import { attachGuest, attachInternet, internet } from './scene.js';

const sourceNat = '203.0.113.10';
const further = '203.0.113.11';
const mac = '02:00:00:00:00:10';

// The benchmarks compare with scripts/baseline: it has to do what it is compared for. Packets decide.
describe('the plain shell implementation', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await TestHost.create({ guestVlans: [100, 101], publicVlans: [200] });
    await host.installProgram('network-namespace', baselineWrapper);
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign(sourceNat, { sourceNat: true });
    await network.assign(further);
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    for (const port of [22, 80, 8080]) await guest.listenTcp(port);
    await outside.listenTcp(7);
  });
  afterAll(() => host?.destroy());

  const open = async (publicIp: string, port: number) =>
    (await outside.tcp(publicIp, port, { from: internet, ...briefly })).result === 'open';
  const seenOutside = async () => (await guest.tcp(internet, 7)).seen?.peer;

  test('everything again: succeeds', async () => {
    await network.implement();
    await network.assign(sourceNat, { sourceNat: true });
    expect(await seenOutside()).toBe(sourceNat);
  });

  test('static NAT, in both directions', async () => {
    expect(await open(further, 22)).toBe(false);
    await network.addStaticNat(further, guest.address);
    await network.addStaticNat(further, guest.address);
    expect(await outside.tcp(further, 22, { from: internet })).toMatchObject({
      result: 'open',
      seen: { peer: internet },
    });
    expect(await seenOutside()).toBe(further);
    await network.deleteStaticNat(further, guest.address);
    await network.deleteStaticNat(further, guest.address);
    expect(await open(further, 22)).toBe(false);
    expect(await seenOutside()).toBe(sourceNat);
  });

  test.each([
    [2222, 22],
    ['8080-8081', '8080-8081'],
  ])('a port forward: %s to %s', async (publicPort, privatePort) => {
    const forward = { publicIp: sourceNat, publicPort, privateIp: guest.address, privatePort };
    const first = Number.parseInt(String(publicPort), 10);
    expect(await open(sourceNat, first)).toBe(false);
    await network.addPortForward(forward);
    await network.addPortForward(forward);
    expect(await open(sourceNat, first)).toBe(true);
    expect(await open(sourceNat, first - 1)).toBe(false);
    await network.deletePortForward(forward);
    await network.deletePortForward(forward);
    expect(await open(sourceNat, first)).toBe(false);
  });

  test('the firewall: what comes in, and what guests send', async () => {
    for (const publicPort of [22, 80]) {
      const forward = { publicIp: sourceNat, publicPort, privateIp: guest.address, privatePort: publicPort };
      await network.addPortForward(forward);
    }
    await network.applyFirewall([ingress(sourceNat, 'tcp', { ports: 22, from: [`${internet}/32`] })]);
    expect([await open(sourceNat, 22), await open(sourceNat, 80)]).toEqual([true, false]);
    await network.applyFirewall([ingress(sourceNat, 'tcp', { ports: [80, 90] }), egress('tcp', { ports: 7 })]);
    expect([await open(sourceNat, 22), await open(sourceNat, 80)]).toEqual([false, true]);
    expect((await guest.tcp(internet, 7, briefly)).result).not.toBe('open');
    await network.applyFirewall([egress('tcp', { ports: 7 })], { egressAllow: false, inline: true });
    expect(await seenOutside()).toBe(sourceNat);
  });

  test('DHCP, names and metadata', async () => {
    await network.configure('dns');
    await network.addDhcpEntry({ mac, ip: '10.1.1.77', hostname: 'seven' });
    await network.addDnsEntry('10.1.1.77', 'seven');
    await network.saveVmData('10.1.1.77', [
      entry('userdata', 'user_data', 'hello'),
      entry('metadata', 'instance-id', 'i-7'),
      entry('password', 'vm_password', 'FAKE-guest-password'),
    ]);
    const booted = await bootGuest(host, 100, mac);
    expect(await lease(booted)).toMatchObject({ ip: '10.1.1.77', hostname: 'seven', router: network.gateway });
    expect(await resolve(booted, network.gateway, 'seven.dev.example.org')).toEqual(['10.1.1.77']);
    const userData = () => ask(booted, `http://${network.gateway}/latest/user-data`);
    expect((await eventually(userData, ({ status }) => status !== 0)).body).toBe('hello');
    const password = () => askPassword(booted, network.gateway, 'send_my_password');
    expect(await eventually(password, (answer) => answer !== '')).toBe('FAKE-guest-password');
    expect((await ask(booted, `http://${network.gateway}/latest/meta-data/`)).body.trim()).toBe('instance-id');
    await network.removeDhcpEntry({ mac, ip: '10.1.1.77' });
  });

  test('restore-network: every guest of a list', async () => {
    const guests = [{ ip: '10.1.1.78', mac, hostname: 'eight', default_nic: true }].map((one) => ({
      ...one,
      vm_data: [entry('metadata', 'instance-id', 'i-8')],
    }));
    const sent = { dhcp_enabled: true, dns_enabled: true, userdata_enabled: true, vms: guests };
    const options = {
      ...network.subnetOptions(),
      'restore-data': Buffer.from(JSON.stringify(sent)).toString('base64'),
    };
    await host.perform('restore-network', options);
    const booted = await bootGuest(host, 100, mac);
    expect(await lease(booted)).toMatchObject({ ip: '10.1.1.78', hostname: 'eight' });
    expect((await ask(booted, `http://${network.gateway}/latest/meta-data/instance-id`)).body).toBe('i-8');
  });

  test('an access list of a VPC tier, in its order', async () => {
    await host.perform('implement-vpc', { 'vpc-id': 9, cidr: '10.2.0.0/16' });
    const tier = new Network(host, { id: 50, vlan: 101, prefix: '10.2.1', vpcId: 9 });
    await tier.implement();
    await tier.assign('203.0.113.20');
    const member = await attachGuest(host, tier, 10, 101);
    for (const port of [22, 80]) {
      await member.listenTcp(port);
      await tier.addPortForward({
        publicIp: '203.0.113.20',
        publicPort: port,
        privateIp: '10.2.1.10',
        privatePort: port,
      });
    }
    await tier.applyAcl([
      acl(1, 'deny', 'ingress', 'tcp', { ports: 80 }),
      acl(2, 'allow', 'ingress', 'tcp', { ports: [22, 90] }),
    ]);
    expect([await open('203.0.113.20', 22), await open('203.0.113.20', 80)]).toEqual([true, false]);
    await tier.shutdown();
    await tier.destroy();
    await host.perform('shutdown-vpc', { 'vpc-id': 9 });
    expect(await host.namespaces()).toEqual([network.namespace]);
  });

  test('the end: nothing is left, and an end once more succeeds', async () => {
    await network.release(further);
    await network.shutdown();
    await network.destroy();
    await network.destroy();
    expect(await host.namespaces()).toEqual([]);
    expect(Object.keys(await host.state()).filter((path) => path.startsWith('network-'))).toEqual([]);
    const links = (await host.self.links()).map(({ ifname }) => ifname);
    expect(links.filter((name) => /^v(n|h|pn|ph)-/.test(name))).toEqual([]);
  });
});
