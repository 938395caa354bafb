import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { bootGuest, clientLease, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { Network } from './network.js';
import { createHost, daemons } from './scene.js';
import { dnsmasqPid, kill, processesNamed } from './service-processes.js';

const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' };

describe('DHCP', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101] });
  });
  afterAll(() => host?.destroy());

  beforeEach(async () => {
    for (const id of [2, 209, 42]) await host.perform('destroy-network', { 'network-id': id, vlan: '' });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
  });

  test('a guest gets its address, router, resolvers, domain, name and an infinite lease; a stranger gets nothing', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({
      ip: '10.1.1.10',
      mask: '24',
      router: '10.1.1.1',
      dns: '10.1.1.1 192.0.2.53 192.0.2.54',
      domain: 'dev.example.org',
      hostname: 'web-1',
      lease: '4294967295',
    });
    expect(await guest.ping('10.1.1.1')).toBe('answered');
    const stranger = await bootGuest(host, 100, '02:01:00:00:00:ff');
    expect(await lease(stranger, 2)).toBeUndefined();
    await Promise.all([guest.remove(), stranger.remove()]);
  });

  test('ISC’s client is told the same, and who has told it', async () => {
    await network.configure('dns');
    const second = { mac: '02:01:00:00:00:0b', ip: '10.1.1.11', isDefault: false };
    await network.addDhcpEntry(second);
    await network.addDhcpEntry(nic);
    await network.setDhcpOptions(502, { '42': '192.0.2.123', '119': 'a.example.org,b.example.org' });
    const guest = await bootGuest(host, 100, nic.mac);
    const told = await clientLease(host, guest, 'first');
    expect(told?.options).toMatchObject({
      'fixed-address': '10.1.1.10',
      'subnet-mask': '255.255.255.0',
      routers: '10.1.1.1',
      'domain-name-servers': '10.1.1.1,192.0.2.53,192.0.2.54',
      'domain-name': 'dev.example.org',
      'host-name': 'web-1',
      'ntp-servers': '192.0.2.123',
      'domain-search': expect.stringMatching(/a\.example\.org.*b\.example\.org/),
      // Guests look there for their password and their metadata.
      'dhcp-server-identifier': '10.1.1.1',
      'dhcp-lease-time': '4294967295',
    });
    expect(await resolve(guest, '10.1.1.1', 'web-1.dev.example.org')).toEqual(['10.1.1.10']);
    expect(await resolve(guest, '10.1.1.1', '-x', '10.1.1.10')).toEqual(['web-1.dev.example.org.']);
    const other = await bootGuest(host, 100, second.mac);
    const toldOther = await clientLease(host, other, 'second');
    expect(toldOther?.options).toMatchObject({ 'fixed-address': '10.1.1.11', 'domain-name': 'dev.example.org' });
    for (const option of ['routers', 'ntp-servers', 'domain-search', 'host-name'])
      expect(toldOther?.options).not.toHaveProperty(option);
    expect((await other.routes()).map(({ dst }) => dst)).not.toContain('default');
    await Promise.all([guest.remove(), other.remove()]);
  });

  test('the files are as other programs know them, and nobody but root reads them', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry({ ...nic, mac: '02:01:00:00:00:0A' });
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0b', ip: '10.1.1.11', isDefault: false });
    const files = await host.state();
    expect(files[network.file('dnsmasq/dhcp-hosts')]).toBe(
      '02:01:00:00:00:0a,10.1.1.10,web-1,infinite\n' +
        'set:norouter_02_01_00_00_00_0b,02:01:00:00:00:0b,10.1.1.11,infinite\n',
    );
    expect(files[network.file('dnsmasq/dhcp-opts')]).toBe('tag:norouter_02_01_00_00_00_0b,option:router\n');
    const tree = await host.tree(`${host.stateDirectory}/network-42/dnsmasq`);
    for (const [path, { kind, mode }] of Object.entries(tree)) {
      // dnsmasq makes its pid file and leases itself; what keeps others out is the directory.
      if (kind === 'directory') expect(mode & 0o777, path).toBe(0o700);
    }
    const log = await host.tree('/var/log/cloudstack/extensions/network-namespace');
    expect(Object.keys(log)).toContain('/var/log/cloudstack/extensions/network-namespace/dnsmasq-42.log');
  });

  test('a secondary NIC is told no router, and a NIC with its own router is told that', async () => {
    await network.configure('dhcp');
    const second = { mac: '02:01:00:00:00:0b', ip: '10.1.1.11', isDefault: false };
    const own = { mac: '02:01:00:00:00:0c', ip: '10.1.1.12', gateway: '10.1.1.254' };
    await network.addDhcpEntry(second);
    await network.addDhcpEntry(own);
    const one = await bootGuest(host, 100, second.mac);
    const told = await lease(one);
    expect(told).toMatchObject({ ip: '10.1.1.11', dns: '10.1.1.1 192.0.2.53 192.0.2.54' });
    expect(told).not.toHaveProperty('router');
    const other = await bootGuest(host, 100, own.mac);
    expect(await lease(other)).toMatchObject({ ip: '10.1.1.12', router: '10.1.1.254' });
    await Promise.all([one.remove(), other.remove()]);
  });

  test('in a network with a router of its own, guests are told that router and our resolver', async () => {
    await network.destroy();
    network = new Network(host, { id: 42, vlan: 100, extensionIp: '10.1.1.2' });
    await network.implement();
    await network.configure('dns');
    await network.addDhcpEntry(nic);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ router: '10.1.1.1', dns: '10.1.1.2 192.0.2.53 192.0.2.54' });
    expect(await resolve(guest, '10.1.1.2', 'data-server')).toEqual(['10.1.1.2']);
    await guest.remove();
  });

  test('options reach the NIC they are for and no other, and text stays text', async () => {
    await network.configure('dhcp');
    const other = { mac: '02:01:00:00:00:0b', ip: '10.1.1.11', hostname: 'web-2' };
    await network.addDhcpEntry(other);
    await network.addDhcpEntry(nic);
    const text = 'a "b", 10.1.1.1:\\n # é';
    await network.setDhcpOptions(502, { '42': '192.0.2.123', '224': text, '119': 'a.example.org,b.example.org' });
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({
      ip: '10.1.1.10',
      ntpsrv: '192.0.2.123',
      opt224: Buffer.from(text).toString('hex'),
      search: 'a.example.org b.example.org',
      domain: 'dev.example.org',
    });
    const without = await bootGuest(host, 100, other.mac);
    const told = await lease(without);
    expect(told).toMatchObject({ ip: '10.1.1.11' });
    for (const option of ['ntpsrv', 'opt224', 'search']) expect(told).not.toHaveProperty(option);
    // The id stays with its NIC, whichever is added afterwards.
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0c', ip: '10.1.1.12' });
    await network.setDhcpOptions(502, { '42': '192.0.2.124' });
    const again = await lease(guest);
    expect(again).toMatchObject({ ntpsrv: '192.0.2.124' });
    expect(again).not.toHaveProperty('opt224');
    await Promise.all([guest.remove(), without.remove()]);
  });

  test('an address that went to another NIC is given to that one, though its former lease never ends', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const former = await bootGuest(host, 100, nic.mac);
    expect(await lease(former)).toMatchObject({ ip: '10.1.1.10' });
    await network.addDhcpEntry({ ...nic, mac: '02:01:00:00:00:1a' });
    expect(await lease(former, 1)).toBeUndefined();
    await former.remove();
    const next = await bootGuest(host, 100, '02:01:00:00:00:1a');
    expect(await lease(next)).toMatchObject({ ip: '10.1.1.10' });
    await network.addDhcpEntry({ ...nic, mac: '02:01:00:00:00:1a', ip: '10.1.1.20' });
    expect(await lease(next)).toMatchObject({ ip: '10.1.1.20' });
    const files = await host.state();
    expect(files[network.file('dnsmasq/dhcp-hosts')]).toBe('02:01:00:00:00:1a,10.1.1.20,web-1,infinite\n');
    await next.remove();
  });

  test('an address whose guest was removed can be used again, and a removed guest gets none', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.10' });
    await network.removeDhcpEntry(nic);
    expect(await lease(guest, 2)).toBeUndefined();
    // Gone already: nothing to do.
    await network.removeDhcpEntry(nic);
    const next = { ...nic, mac: '02:01:00:00:00:1b' };
    await network.addDhcpEntry(next);
    await network.removeDhcpEntry(nic);
    const other = await bootGuest(host, 100, next.mac);
    expect(await lease(other)).toMatchObject({ ip: '10.1.1.10' });
    await Promise.all([guest.remove(), other.remove()]);
  });

  test('remove-dhcp-subnet ends DHCP and leaves DNS', async () => {
    await network.configure('dns');
    await network.addDhcpEntry(nic);
    await network.removeSubnet('dhcp');
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest, 2)).toBeUndefined();
    expect(await dnsmasqPid(host, network)).toBeDefined();
    await network.removeSubnet('dns');
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    await guest.remove();
  });

  test('shutdown ends the one dnsmasq, networks 2 and 209 do not touch each other, implement brings it back', async () => {
    const two = new Network(host, { id: 2, vlan: 100, prefix: '10.1.1' });
    const other = new Network(host, { id: 209, vlan: 101, prefix: '10.1.2' });
    await network.destroy();
    for (const one of [two, other]) {
      await one.implement();
      await one.configure('dns');
    }
    await two.addDhcpEntry(nic);
    await other.addDhcpEntry({ ...nic, ip: '10.1.2.10' });
    const before = await dnsmasqPid(host, other);
    await two.shutdown();
    expect(await dnsmasqPid(host, two)).toBeUndefined();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([before]);
    const guest = await bootGuest(host, 101, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.2.10', router: '10.1.2.1' });
    await guest.remove();
    await two.implement();
    const first = await bootGuest(host, 100, nic.mac);
    expect(await lease(first)).toMatchObject({ ip: '10.1.1.10' });
    await first.remove();
    await two.destroy();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([before]);
    expect(Object.keys(await host.state()).filter((path) => path.startsWith('network-2/'))).toEqual([]);
  });

  test('killed, dnsmasq is there again within five seconds, with all it had', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const before = await dnsmasqPid(host, network);
    await kill(host, before ?? '');
    const after = await eventually(
      () => dnsmasqPid(host, network),
      (pid) => pid !== undefined && pid !== before,
    );
    expect(after).not.toBe(before);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.10' });
    const status = await host.self.output(host.program, 'status');
    expect(status).toMatch(/services +1 of 1 run\n/);
    expect(status).toContain(`network-namespace network 42: dnsmasq runs as ${after}, started again 1 times`);
    await guest.remove();
  });

  test('the daemon killed: dnsmasq serves on; both killed: it serves again when the daemon is back', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const before = await dnsmasqPid(host, network);
    for (const daemon of await daemons(host)) await kill(host, daemon);
    expect(await dnsmasqPid(host, network)).toBe(before);
    // Any call starts a daemon; it adopts what runs.
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0b', ip: '10.1.1.11' });
    expect(await dnsmasqPid(host, network)).toBe(before);
    const guest = await bootGuest(host, 100, '02:01:00:00:00:0b');
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.11' });
    for (const daemon of await daemons(host)) await kill(host, daemon);
    await kill(host, before ?? '');
    // A call about another network.
    await host.perform('destroy-network', { 'network-id': 7, vlan: '' });
    const after = await eventually(
      () => dnsmasqPid(host, network),
      (pid) => pid !== undefined,
    );
    expect(after).not.toBe(before);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.11' });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([after]);
    await guest.remove();
  });

  test('one that was killed on purpose by a shutdown does not come back', async () => {
    await network.configure('dhcp');
    await network.shutdown();
    for (const daemon of await daemons(host)) await kill(host, daemon);
    await host.perform('destroy-network', { 'network-id': 7, vlan: '' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
  });

  test('refused input changes nothing, whatever it tries to smuggle in', async () => {
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
    const before = await host.state();
    for (const changed of [
      { hostname: 'a\ndhcp-option=3,1.2.3.4' },
      { hostname: 'a,set:x' },
      { hostname: '10.1.1.99' },
      { mac: '02:01:00:00:00:0b,10.1.1.99' },
      { mac: 'ff:ff:ff:ff:ff:ff' },
      { ip: '10.1.1.9\n' },
      { domain: 'a.org\nport=53' },
      { dns: '192.0.2.53\nserver=1.2.3.4' },
    ]) {
      const outcome = await host.call('add-dhcp-entry', { ...network.dhcpEntryOptions(nic), ...changed });
      expect(outcome.exit, JSON.stringify(changed)).toBe(1);
      expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    }
    for (const options of ['{"42":"a\\nb"}', '{"255":"a"}', '{"0":"a"}', '{"1x":"a"}', '{"42":"nohost"}', '[]', 'x']) {
      const values = network.entryOptions({ 'nic-id': 5, options });
      expect((await host.call('set-dhcp-options', values)).exit, options).toBe(1);
    }
    expect(await host.state()).toEqual(before);
  });

  test('without dnsmasq on the host the command says which package is missing, and nothing has changed', async () => {
    const before = await host.state();
    await host.self.output('mount', '--bind', '/dev/null', '/usr/sbin/dnsmasq');
    try {
      const outcome = await host.call('config-dhcp-subnet', network.subnetOptions());
      expect(outcome.exit).toBe(1);
      expect(outcome.stderr).toContain('expected the Debian package dnsmasq-base');
    } finally {
      await host.self.output('umount', '/usr/sbin/dnsmasq');
    }
    expect(await host.state()).toEqual(before);
    await network.configure('dhcp');
    expect(await dnsmasqPid(host, network)).toBeDefined();
  });

  test('what the shell wrapper has left running is taken over', async () => {
    const directory = `${host.stateDirectory}/network-42/dnsmasq`;
    await host.self.output('mkdir', '-p', directory);
    const files = {
      'dnsmasq.conf': `# Auto-generated
port=0
interface=vn-100-42
bind-interfaces
pid-file=${directory}/dnsmasq.pid
dhcp-range=10.1.1.1,static,12h
dhcp-option=3,10.1.1.1
dhcp-hostsfile=${directory}/dhcp-hosts
addn-hosts=${directory}/hosts
dhcp-optsfile=${directory}/dhcp-opts
dhcp-leasefile=${directory}/other-leases
dhcp-option=15,"dev.example.org"
domain=dev.example.org
expand-hosts
dhcp-option=6,10.1.1.1,192.0.2.53
user=root
`,
      'dhcp-hosts': `${nic.mac},10.1.1.10,web-1,infinite\n`,
      'dhcp-opts': '',
      hosts: '10.1.1.10 web-1\n',
    };
    for (const [name, content] of Object.entries(files)) await host.writeFile(`${directory}/${name}`, content);
    await network.inside.output('dnsmasq', `--conf-file=${directory}/dnsmasq.conf`);
    const shells = await dnsmasqPid(host, network);
    expect(shells).toBeDefined();
    for (const daemon of await daemons(host)) await kill(host, daemon);
    await host.perform('destroy-network', { 'network-id': 7, vlan: '' });
    const status = await eventually(
      () => host.self.output(host.program, 'status'),
      (text) => /services +1 of 1 run\n/.test(text),
    );
    expect(status).toMatch(/services +1 of 1 run\n/);
    expect(await dnsmasqPid(host, network)).toBe(shells);
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0b', ip: '10.1.1.11' });
    // With our configuration: not the shell wrapper's process any more, and only one.
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, network)]);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.10', domain: 'dev.example.org', hostname: 'web-1' });
    await guest.remove();
    await network.shutdown();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
  });
});
