import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly, patience } from '../host/patience.js';
import { resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { Network } from './network.js';
import { acl, ingress } from './rules.js';
import { attachGuest, createHost } from './scene.js';
import { kill, processesNamed, servicePid } from './service-processes.js';

const publicIp = '203.0.113.10';

/** Of a machine: ready at once, without looking for others that have its addresses. */
async function withIpv6(machine: Endpoint, ...addresses: readonly string[]): Promise<void> {
  const settings = ['neigh.eth0.retrans_time_ms=50', 'conf.eth0.accept_dad=0', 'conf.eth0.disable_ipv6=0'];
  await machine.output('sysctl', '-qw', ...settings.map((one) => `net.ipv6.${one}`));
  await machine.ipBatch(addresses.map((address) => ['address', 'add', address, 'dev', 'eth0', 'nodad']));
}

/** A guest that makes its IPv6 address itself, and asks for routers as soon as it is up. */
async function attachSelfAddressed(host: TestHost, network: Network, last: number, vlan: number): Promise<Endpoint> {
  const guest = await attachGuest(host, network, last, vlan);
  const settings = { accept_dad: 0, router_solicitation_delay: 0, router_solicitation_interval: 1, disable_ipv6: 0 };
  await guest.ipBatch([['link', 'set', 'eth0', 'down']]);
  const words = Object.entries(settings).map(([name, value]) => `net.ipv6.conf.eth0.${name}=${value}`);
  await guest.output('sysctl', '-qw', ...words);
  await guest.ipBatch([['link', 'set', 'eth0', 'up']]);
  return guest;
}

/** Its global IPv6 addresses, without length. */
async function addressesOf(machine: { output(...argv: readonly string[]): Promise<string> }, link: string) {
  const text = await machine.output('ip', '-6', '-o', 'address', 'show', 'dev', link, 'scope', 'global');
  return [...text.matchAll(/inet6 (\S+)/g)].map(([, address = '']) => address);
}

const disabled = (network: Network, link: string) => network.inside.sysctl(`net.ipv6.conf.${link}.disable_ipv6`);

/** The address that a guest made by what it was advertised. */
async function ownAddress(guest: Endpoint, prefix: string): Promise<string> {
  const found = await eventually(
    () => addressesOf(guest, 'eth0'),
    (addresses) => addresses.length > 0,
    10_000,
  );
  expect(found).toEqual([expect.stringMatching(new RegExp(`^${prefix}:.*/64$`))]);
  return found[0]?.replace(/\/.*/, '') ?? '';
}

describe('a dual-stack network', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;
  let guestIp: string;
  const outsideIp = '2001:db8:f::9';

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100, ipv6Prefix: '2001:db8:1' });
    [guest, outside] = await Promise.all([
      attachSelfAddressed(host, network, 10, 100),
      host.attachOutside(200, { addresses: ['203.0.113.1/24'] }),
    ]);
    await Promise.all([guest.listenTcp(22, '::'), guest.listenTcp(80, '::'), outside.listenTcp(80, '::')]);
  });
  afterAll(() => host?.destroy());

  /** CloudStack has no IPv6 on the public side; an operator may. */
  const routeIpv6 = async () => {
    const link = 'vpn-200-42';
    const settings = ['accept_dad', 'disable_ipv6'].map((name) => `net.ipv6.conf.${link}.${name}=0`);
    await network.inside.output('sysctl', '-qw', ...settings);
    await network.inside.output('ip', 'address', 'add', '2001:db8:f::1/64', 'dev', link, 'nodad');
    await withIpv6(outside, `${outsideIp}/64`);
    await outside.output('ip', 'route', 'add', '2001:db8:1::/64', 'via', '2001:db8:f::1');
  };

  test('without IPv6 in the call, IPv6 is off in its namespace', async () => {
    const single = new Network(host, { id: 42, vlan: 100 });
    await single.implement();
    expect(await disabled(network, 'vn-100-42')).toBe('1');
    expect(await network.inside.sysctl('net.ipv6.conf.all.disable_ipv6')).toBe('1');
    expect(await processesNamed(host, 'radvd')).toEqual([]);
  });

  test('what would change is shown before', async () => {
    const call = host.callArguments('implement-network', network.implementOptions());
    const { exit, stdout } = await host.callRaw([...call, '--dry-run']);
    expect(exit).toBe(0);
    for (const line of [
      '# sysctl: IPv6 on vn-100-42',
      '# address: 2001:db8:1::1/64 on vn-100-42',
      '# service: radvd of network 42 follows its files',
      'add table ip6 cloudstack',
    ]) {
      expect(stdout).toContain(line);
    }
    const checked = await network.inside.run(['nft', '-c', '-f', '-'], { input: stdout });
    expect(checked).toMatchObject({ exit: 0, stderr: '' });
  });

  test('gets its IPv6 side after it was implemented; its guests make addresses of their own', async () => {
    await network.configure('dhcp', network.ipv6());
    expect(await addressesOf(network.inside, 'vn-100-42')).toEqual(['2001:db8:1::1/64']);
    expect(await network.inside.sysctl('net.ipv6.conf.all.forwarding')).toBe('1');
    const state = await host.state();
    expect(state[network.file('ip6-gateway')]?.trim()).toBe('2001:db8:1::1');
    expect(state[network.file('ip6-cidr')]?.trim()).toBe('2001:db8:1::/64');
    for (const part of ['AdvSendAdvert on', 'AdvAutonomous on', '/64', 'MinRtrAdvInterval 5']) {
      expect(state[network.file('radvd/radvd.conf')]).toContain(part);
    }
    expect(await servicePid(host, network, 'radvd')).toBeDefined();
    guestIp = await ownAddress(guest, '2001:db8:1');
    expect(await guest.ping('2001:db8:1::1')).toBe('answered');
  });

  test('is shown with it', async () => {
    const { stdout } = await host.self.run([host.program, 'show', 'network', '42']);
    for (const part of [
      'inet6 2001:db8:1::1/64',
      'table ip6 cloudstack {',
      'ip6-cidr: 2001:db8:1::/64',
      'AdvSendAdvert on',
    ]) {
      expect(stdout).toContain(part);
    }
  });

  test('nothing in its namespace is to be had over IPv6 but that', async () => {
    await network.inside.listenTcp(8000, '::');
    expect((await guest.tcp('2001:db8:1::1', 8000)).result).toBe('refused');
  });

  test('guests call out; nobody calls in', async () => {
    await network.assign(publicIp, { sourceNat: true });
    await routeIpv6();
    expect(await guest.tcp(outsideIp, 80)).toMatchObject({ result: 'open', seen: { peer: guestIp } });
    const [tcp, ping] = await Promise.all([outside.tcp(guestIp, 22, briefly), outside.ping(guestIp, briefly)]);
    expect([tcp.result, ping]).toEqual(['blocked', 'blocked']);
  });

  test('a firewall rule lets in the IPv6 networks it names, and no more; IPv4 ones let in no IPv6', async () => {
    await network.applyFirewall([
      ingress(publicIp, 'tcp', { ports: 22, from: ['2001:db8:f::/64', '2001:db8:e::/64'] }),
      // As many as are looked up in a set of intervals.
      ...[1000, 2000, 3000].map((first) =>
        ingress(publicIp, 'tcp', { ports: [first, first + 9], from: ['2001:db8:f::/48'] }),
      ),
      ingress(publicIp, 'tcp', { ports: 80, from: ['0.0.0.0/0', '2001:db8:e::/64'] }),
      ingress(publicIp, 'icmp', { icmp: [8, -1], from: ['::/0'] }),
    ]);
    const connection = await outside.connect(guestIp, 22);
    expect(await connection.exchange()).toBe('answered');
    expect(await outside.ping(guestIp)).toBe('answered');
    expect((await outside.tcp(guestIp, 2005)).result).toBe('refused');
    const [web, beside] = await Promise.all([outside.tcp(guestIp, 80, briefly), outside.tcp(guestIp, 2010, briefly)]);
    expect([web.result, beside.result]).toEqual(['blocked', 'blocked']);

    await network.implement();
    expect(await connection.exchange()).toBe('answered');

    await network.applyFirewall([]);
    const [left, anew] = await Promise.all([connection.exchange(), outside.tcp(guestIp, 22, briefly)]);
    expect(left).not.toBe('answered');
    expect(anew.result).toBe('blocked');
    expect((await guest.tcp(outsideIp, 80)).result).toBe('open');
  });

  test('what guests send is closed by the policy, but for what rules name', async () => {
    await network.applyFirewall([], { egressAllow: false });
    expect((await guest.tcp(outsideIp, 80, briefly)).result).toBe('blocked');
    expect(await guest.ping('2001:db8:1::1')).toBe('answered');
  });

  test('names have AAAA records', async () => {
    await host.perform(
      'add-dns-entry',
      network.entryOptions({ ip: '10.1.1.10', 'ip6-address': guestIp, hostname: 'web-1' }),
    );
    const ask = ['dig', '+short', '+tries=1', '@10.1.1.1', 'web-1.dev.example.org'];
    expect((await guest.output(...ask, 'AAAA')).trim()).toBe(guestIp);
    expect(await resolve(guest, '10.1.1.1', 'web-1')).toEqual(['10.1.1.10']);
  });

  test('radvd comes back when it is killed, and goes with the network', async () => {
    const before = await servicePid(host, network, 'radvd');
    if (before === undefined) throw new Error('no radvd');
    await kill(host, before);
    const after = await eventually(
      () => servicePid(host, network, 'radvd'),
      (pid) => pid !== undefined && pid !== before,
    );
    expect(after).toBeDefined();
    await network.shutdown();
    expect(
      await eventually(
        () => processesNamed(host, 'radvd'),
        (pids) => pids.length === 0,
      ),
    ).toEqual([]);
    expect(await host.namespaces()).toEqual([]);
    await network.destroy();
    expect(Object.keys(await host.state()).filter((path) => path.startsWith('network-42/'))).toEqual([]);
  });

  test('without radvd it is refused, and nothing stays', async () => {
    await host.self.output('mount', '--bind', '/dev/null', '/usr/sbin/radvd');
    const outcome = await host.call('implement-network', network.implementOptions());
    expect(outcome).toMatchObject({ exit: 1, stdout: '' });
    expect(outcome.stderr).toContain('expected the Debian package radvd');
    expect(await host.namespaces()).toEqual([]);
    await host.self.output('umount', '/usr/sbin/radvd');
  });

  describe('as a tier', () => {
    const tiers: Network[] = [];
    const guests: Endpoint[] = [];
    const address = (number: number) => `2001:db8:9${number}::10`;

    beforeAll(async () => {
      for (const [index, vlan] of [100, 101, 102].entries()) {
        const dual = index < 2 ? { ipv6Prefix: `2001:db8:9${index}` } : {};
        const tier = new Network(host, { id: 51 + index, vlan, prefix: `10.9.${index}`, vpcId: 9, ...dual });
        await tier.implement();
        tiers.push(tier);
        if (index === 2) continue;
        const member = await attachGuest(host, tier, 20, vlan);
        await withIpv6(member, `${address(index)}/64`);
        await member.output('ip', '-6', 'route', 'replace', 'default', 'via', `2001:db8:9${index}::1`);
        await Promise.all([member.listenTcp(22, '::'), member.listenTcp(80, '::')]);
        guests.push(member);
      }
    }, patience(20_000));

    test('speaks IPv6 beside one that does not', async () => {
      const [first, , third] = tiers;
      if (first === undefined || third === undefined) throw new Error('no tiers');
      expect(await Promise.all(['vn-100-9', 'vn-101-9', 'vn-102-9'].map((link) => disabled(first, link)))).toEqual([
        '0',
        '0',
        '1',
      ]);
      await third.implement();
      expect(await addressesOf(first.inside, 'vn-101-9')).toEqual(['2001:db8:91::1/64']);
      expect(await guests[0]?.ping(address(1))).toBe('answered');
    });

    test('is filtered by ACLs on both sides', async () => {
      const [sender, receiver] = guests;
      await tiers[1]?.applyAcl([
        acl(1, 'allow', 'ingress', 'tcp', { ports: 22, cidrs: ['2001:db8:90::/64'] }),
        acl(2, 'allow', 'ingress', 'all', { cidrs: ['0.0.0.0/0'] }),
        acl(3, 'allow', 'egress', 'all', { cidrs: ['::/0'] }),
      ]);
      expect((await sender?.tcp(address(1), 22))?.result).toBe('open');
      expect((await sender?.tcp(address(1), 80, briefly))?.result).toBe('blocked');
      expect(await sender?.ping('10.9.1.20')).toBe('answered');
      expect((await receiver?.tcp(address(0), 80))?.result).toBe('open');
      await tiers[0]?.applyAcl([acl(1, 'allow', 'egress', 'all', { cidrs: ['0.0.0.0/0'] })]);
      const closed = await Promise.all([sender?.tcp(address(1), 22, briefly), receiver?.tcp(address(0), 80, briefly)]);
      expect(closed.map((one) => one?.result)).toEqual(['blocked', 'blocked']);
    });

    test('another one cannot have its network', async () => {
      const other = new Network(host, { id: 53, vlan: 102, prefix: '10.9.2', vpcId: 9, ipv6Prefix: '2001:db8:90' });
      const outcome = await host.call('implement-network', other.implementOptions());
      expect(outcome).toMatchObject({ exit: 1, stdout: '' });
      expect(outcome.stderr).toContain('overlaps 2001:db8:90::/64 of network 51');
    });
  });
});
