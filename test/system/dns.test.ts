import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { Network } from './network.js';
import { attachGuest, createHost } from './scene.js';
import { dnsmasqPid, kill, processesNamed } from './service-processes.js';

const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' };

describe('DNS', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101], publicVlans: [200] });
    guest = await attachGuest(host, new Network(host, { id: 42, vlan: 100 }), 50, 100);
  });
  afterAll(() => host?.destroy());

  beforeEach(async () => {
    await host.perform('destroy-network', { 'network-id': 42, vlan: '' });
    await host.perform('destroy-vpc', { 'vpc-id': 9 });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    // The gateway of the test before had another MAC address; its announcement may be lost while the port comes up.
    await guest.output('ip', 'neighbour', 'flush', 'dev', 'eth0');
  });

  const ask = (...question: string[]) => resolve(guest, '10.1.1.1', ...question);
  /** The files are read again a moment after the command's end. */
  const soon = (question: readonly string[], answer: readonly string[] | undefined) =>
    eventually(
      () => ask(...question),
      (found) => JSON.stringify(found) === JSON.stringify(answer),
      5_000,
    );

  test('names, addresses and the data server are answered', async () => {
    await network.configure('dns');
    await network.addDhcpEntry(nic);
    await network.addDnsEntry('10.1.1.10', 'web-1');
    expect(await soon(['web-1.dev.example.org'], ['10.1.1.10'])).toEqual(['10.1.1.10']);
    expect(await ask('web-1')).toEqual(['10.1.1.10']);
    expect(await ask('WEB-1')).toEqual(['10.1.1.10']);
    expect(await ask('-x', '10.1.1.10')).toEqual(['web-1.dev.example.org.']);
    expect(await ask('data-server')).toEqual(['10.1.1.1']);
    expect(await ask('data-server.dev.example.org')).toEqual(['10.1.1.1']);
    expect(await ask('web-2')).toEqual([]);
    expect((await host.state())[network.file('dnsmasq/hosts')]).toBe('10.1.1.1 data-server\n10.1.1.10 web-1\n');
  });

  test('DHCP alone answers no names; the next config-dhcp-subnet does not turn DNS off', async () => {
    await network.configure('dhcp');
    expect(await ask('data-server')).toBeUndefined();
    await network.configure('dns');
    expect(await ask('data-server')).toEqual(['10.1.1.1']);
    const pid = await dnsmasqPid(host, network);
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    expect(await ask('data-server')).toEqual(['10.1.1.1']);
    // Nothing had to be started anew for it.
    expect(await dnsmasqPid(host, network)).toBe(pid);
  });

  test('remove-dns-subnet ends DNS while DHCP goes on, also when a name comes later', async () => {
    await network.configure('dns');
    await network.addDhcpEntry(nic);
    await network.addDnsEntry('10.1.1.10', 'web-1');
    await network.removeSubnet('dns');
    expect(await ask('web-1')).toBeUndefined();
    await network.configure('dhcp');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    expect(await ask('web-1')).toBeUndefined();
    const booted = await bootGuest(host, 100, nic.mac);
    expect(await lease(booted)).toMatchObject({ ip: '10.1.1.10' });
    await booted.remove();
    await network.configure('dns');
    expect(await soon(['web-1'], ['10.1.1.10'])).toEqual(['10.1.1.10']);
  });

  test('the first name turns DNS on where nobody has spoken of DNS', async () => {
    await network.configure('dhcp');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    expect(await soon(['web-1'], ['10.1.1.10'])).toEqual(['10.1.1.10']);
  });

  test('an address has one name, and a name one address', async () => {
    await network.configure('dns');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    await network.addDnsEntry('10.1.1.10', 'web-2');
    expect(await soon(['web-2'], ['10.1.1.10'])).toEqual(['10.1.1.10']);
    expect(await ask('web-1')).toEqual([]);
    await network.addDnsEntry('10.1.1.20', 'WEB-2');
    expect(await soon(['web-2'], ['10.1.1.20'])).toEqual(['10.1.1.20']);
    expect(await ask('-x', '10.1.1.10')).toEqual([]);
    await network.removeDnsEntry('10.1.1.20');
    expect(await soon(['web-2'], [])).toEqual([]);
    expect(await ask('data-server')).toEqual(['10.1.1.1']);
  });

  test('removing a guest ends its name, also the one that its lease gave it', async () => {
    await network.configure('dns');
    await network.addDhcpEntry(nic);
    await network.addDnsEntry('10.1.1.10', 'web-1');
    const booted = await bootGuest(host, 100, nic.mac);
    expect(await lease(booted)).toMatchObject({ ip: '10.1.1.10' });
    await network.removeDhcpEntry(nic);
    expect(await soon(['web-1'], [])).toEqual([]);
    expect(await ask('web-1.dev.example.org')).toEqual([]);
    expect(await ask('-x', '10.1.1.10')).toEqual([]);
    await booted.remove();
  });

  test('no guest becomes the data server, neither by its name nor by what it calls itself', async () => {
    await network.configure('dns');
    await network.addDnsEntry('10.1.1.66', 'data-server');
    await network.addDhcpEntry({ mac: nic.mac, ip: nic.ip });
    const booted = await bootGuest(host, 100, nic.mac);
    await booted.run([
      'udhcpc',
      '-i',
      'eth0',
      '-f',
      '-n',
      '-q',
      '-t',
      '3',
      '-T',
      '1',
      '-x',
      'hostname:printer',
      '-s',
      '/bin/true',
    ]);
    expect(await ask('data-server')).toEqual(['10.1.1.1']);
    expect(await ask('printer')).toEqual([]);
    await booted.remove();
  });

  test('killed, it answers again within five seconds', async () => {
    await network.configure('dns');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    expect(await soon(['web-1'], ['10.1.1.10'])).toEqual(['10.1.1.10']);
    await kill(host, (await dnsmasqPid(host, network)) ?? '');
    const answer = await eventually(
      () => ask('web-1'),
      (found) => found?.length === 1,
    );
    expect(answer).toEqual(['10.1.1.10']);
  });

  test('restored with its network, at another VLAN', async () => {
    await network.configure('dns');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    await network.shutdown();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    await network.implement(101);
    const other = await attachGuest(host, network, 51, 101);
    expect(await resolve(other, '10.1.1.1', 'web-1')).toEqual(['10.1.1.10']);
    await other.remove();
  });

  test('two tiers of one VPC: each guest is served by its own, and one shutdown ends one', async () => {
    await network.destroy();
    const one = new Network(host, { id: 51, vlan: 100, vpcId: 9 });
    const two = new Network(host, { id: 52, vlan: 101, vpcId: 9, prefix: '10.1.2' });
    for (const tier of [one, two]) {
      await tier.implement();
      await tier.configure('dns');
      await tier.addDhcpEntry({ ...nic, ip: `${tier.prefix}.10` });
      await tier.addDnsEntry(`${tier.prefix}.10`, 'web-1');
    }
    const first = await bootGuest(host, 100, nic.mac);
    expect(await lease(first)).toMatchObject({ ip: '10.1.1.10', router: '10.1.1.1' });
    const second = await bootGuest(host, 101, nic.mac);
    expect(await lease(second)).toMatchObject({ ip: '10.1.2.10', router: '10.1.2.1' });
    expect(await resolve(second, '10.1.2.1', 'web-1')).toEqual(['10.1.2.10']);
    expect(await resolve(first, '10.1.1.1', 'web-1')).toEqual(['10.1.1.10']);
    await one.shutdown();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, two)]);
    // Nor does it come back, though the namespace is there.
    await new Promise((resolve_) => setTimeout(resolve_, 1_200));
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, two)]);
    expect(await resolve(second, '10.1.2.1', 'web-1')).toEqual(['10.1.2.10']);
    await Promise.all([first.remove(), second.remove()]);
    await host.perform('shutdown-vpc', { 'vpc-id': 9 });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    await one.destroy();
    await two.destroy();
  });

  test('questions about other names go to the network’s resolvers, and nobody outside is answered', async () => {
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.configure('dns');
    const outside = await host.attachOutside(200, {
      addresses: ['203.0.113.1/24'],
      loopback: ['192.0.2.53/32', '192.0.2.54/32'],
    });
    const pidFile = '/run/resolver.pid';
    const own = ['--no-resolv', '--no-hosts', '--user=root', '--conf-file=/dev/null', `--pid-file=${pidFile}`];
    await outside.output('dnsmasq', ...own, '--address=/www.example.net/198.51.100.9');
    try {
      expect(await ask('www.example.net')).toEqual(['198.51.100.9']);
      // Names without a domain and private addresses stay here.
      expect(await ask('nobody')).toEqual([]);
      await outside.output('ip', 'route', 'replace', '10.1.1.0/24', 'via', '203.0.113.10');
      expect(await resolve(outside, '10.1.1.1', 'data-server')).toBeUndefined();
      expect(await resolve(outside, '203.0.113.10', 'data-server')).toBeUndefined();
    } finally {
      await kill(host, (await host.self.output('cat', pidFile)).trim());
      await outside.remove();
    }
  });

  test('another program at the same files is noticed', async () => {
    await network.configure('dns');
    await network.addDnsEntry('10.1.1.10', 'web-1');
    // As the shell wrapper does it: nothing in the kernel changes.
    const file = `${host.stateDirectory}/network-42/dnsmasq/hosts`;
    await host.writeFile(file, `${await host.self.output('cat', file)}10.1.1.11 web-2\n`);
    await network.addDnsEntry('10.1.1.12', 'web-3');
    for (const [name, address] of [
      ['web-1', '10.1.1.10'],
      ['web-2', '10.1.1.11'],
      ['web-3', '10.1.1.12'],
    ] as const) {
      expect(await soon([name], [address])).toEqual([address]);
    }
  });
});
