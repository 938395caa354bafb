import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { takeSnapshot } from '../host/snapshot.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { ask, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { type RestoredVm, usualVmData } from './restore-data.js';
import { createHost, daemons } from './scene.js';
import { dnsmasqPid, kill, processesNamed } from './service-processes.js';
import { toldState } from './told-state.js';

const mac = (number: number) =>
  `02:01:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`;

/** VM of a number in a network; `name` is another for another VM that has its address. */
function vmOf(network: Network, number: number, name = `vm-${number}`, given: Partial<RestoredVm> = {}): RestoredVm {
  const ip = `${network.prefix}.${number}`;
  return { ip, mac: mac(number), hostname: name, data: usualVmData(ip, name), ...given };
}

describe('restore-network', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost();
  });
  afterAll(() => host?.destroy());

  beforeEach(async () => {
    await host.perform('destroy-network', { 'network-id': 42, vlan: '' });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
  });

  const metadata = 'http://169.254.169.254/latest';

  test('brings everything back from nothing', async () => {
    const secondary = vmOf(network, 11, 'db-1', { isDefault: false, data: [] });
    await network.restore({ vms: [vmOf(network, 10, 'web-1'), secondary] });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, network)]);
    const one = await bootGuest(host, 100, mac(10));
    expect(await lease(one)).toMatchObject({
      ip: '10.1.1.10',
      router: '10.1.1.1',
      dns: '10.1.1.1 192.0.2.53 192.0.2.54',
      domain: 'dev.example.org',
      hostname: 'web-1',
    });
    expect(await resolve(one, '10.1.1.1', 'db-1.dev.example.org')).toEqual(['10.1.1.11']);
    expect(await resolve(one, '10.1.1.1', '-x', '10.1.1.10')).toEqual(['web-1.dev.example.org.']);
    expect(await resolve(one, '10.1.1.1', 'data-server')).toEqual(['10.1.1.1']);
    expect(await ask(one, `${metadata}/meta-data/instance-id`)).toMatchObject({ status: 200, body: 'i-web-1' });
    expect((await ask(one, `http://10.1.1.1/latest/user-data`)).body).toHaveLength(2048);
    expect((await ask(one, `${metadata}/meta-data/`)).body.split('\n')).toHaveLength(15);
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('saved_password');
    const other = await bootGuest(host, 100, mac(11));
    const told = await lease(other);
    expect(told).toMatchObject({ ip: '10.1.1.11' });
    expect(told).not.toHaveProperty('router');
    expect((await ask(other, `http://10.1.1.1/latest/meta-data/instance-id`)).status).toBe(404);
    expect(await host.self.output('stat', '-c', '%a', `${host.stateDirectory}/network-42/metadata.pack`)).toBe('600\n');
    await Promise.all([one.remove(), other.remove()]);
  });

  test('of a network in use: who stays keeps password and options, who is another is told nothing of the former', async () => {
    await network.restore({ vms: [vmOf(network, 10), vmOf(network, 11), vmOf(network, 12)] });
    await network.setDhcpOptions(712, { 42: '192.0.2.123' });
    for (const last of [10, 11, 12]) await network.savePassword(`10.1.1.${last}`, `password of ${last}`);
    // 11 was expunged and its address given to another, which is told less; 12 has another user data.
    const successor = { ...vmOf(network, 11, 'new'), mac: mac(77), data: [entry('metadata', 'instance-id', 'i-new')] };
    const changed = vmOf(network, 12, 'vm-12', {
      data: [...usualVmData('10.1.1.12', 'vm-12').slice(1), entry('userdata', 'user_data', 'new')],
    });
    await network.restore({ vms: [vmOf(network, 10), successor, changed] });
    const guests = await Promise.all([mac(10), mac(77), mac(12)].map((address) => bootGuest(host, 100, address)));
    const told = await Promise.all(guests.map((guest) => lease(guest)));
    expect(told).toMatchObject([{ ip: '10.1.1.10' }, { ip: '10.1.1.11', hostname: 'new' }, { ip: '10.1.1.12' }]);
    expect(told[2]).toMatchObject({ ntpsrv: '192.0.2.123' });
    const passwords = guests.map((guest) => askPassword(guest, '10.1.1.1', 'send_my_password'));
    expect(await Promise.all(passwords)).toEqual(['password of 10', 'saved_password', 'password of 12']);
    const [, second, third] = guests;
    if (second === undefined || third === undefined) throw new Error('no guests');
    expect((await ask(second, `${metadata}/meta-data/`)).body).toBe('instance-id\n');
    expect((await ask(second, `${metadata}/user-data`)).status).toBe(404);
    expect((await ask(third, `${metadata}/user-data`)).body).toBe('new');
    expect(await resolve(third, '10.1.1.1', 'vm-11.dev.example.org')).toEqual([]);
    const former = await bootGuest(host, 100, mac(11));
    expect(await lease(former, 2)).toBeUndefined();
    await Promise.all([...guests, former].map((guest) => guest.remove()));
  });

  test('runs only what is asked for', async () => {
    await network.restore({ vms: [vmOf(network, 10)], services: ['userdata'] });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    const guest = await host.attachGuest(100, { addresses: ['10.1.1.10/24'], gateway: '10.1.1.1' });
    expect((await ask(guest, `${metadata}/meta-data/instance-id`)).body).toBe('i-vm-10');
    await network.restore({ vms: [vmOf(network, 10)], services: ['dhcp'] });
    expect(await processesNamed(host, 'dnsmasq')).toHaveLength(1);
    expect(await resolve(guest, '10.1.1.1', 'vm-10')).toBeUndefined();
    await network.restore({ vms: [vmOf(network, 10)], services: ['userdata'] });
    expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
    await guest.remove();
  });

  test('is refused as a whole when something of it cannot be used', async () => {
    await network.restore({ vms: [vmOf(network, 10)] });
    const before = await takeSnapshot(host);
    const refused = async (data: string, words: string) => {
      const options = { ...network.subnetOptions(), 'restore-data': data };
      const outcome = await host.call('restore-network', options);
      expect(outcome).toMatchObject({ exit: 1, stdout: '' });
      expect(outcome.stderr).toBe(`cloudstack-netns: restore-network: --restore-data: ${words}\n`);
      expect(await takeSnapshot(host)).toEqual(before);
    };
    await refused('!', 'expected base64 of JSON');
    const [first, second] = [vmOf(network, 10), { ...vmOf(network, 11), mac: 'x' }];
    const vms = [first, second].map(({ isDefault: _, data, ...vm }) => ({ ...vm, vm_data: data }));
    await refused(
      Buffer.from(JSON.stringify({ dhcp_enabled: true, vms })).toString('base64'),
      `vm 2: mac "x": expected a NIC's MAC address such as 02:01:0a:00:00:05; nothing was changed`,
    );
  });

  test('with --dry-run only says what it would do', async () => {
    const before = await takeSnapshot(host);
    const { options, files } = network.restoreCall({ vms: [vmOf(network, 10)] });
    const outcome = await host.callRaw([...host.callArguments('restore-network', options), '--dry-run'], files);
    expect(outcome.exit, outcome.stderr).toBe(0);
    expect(outcome.stdout).toMatch(
      /^# file: write what 10\.1\.1\.10 is told \(user-data, .* in .*\/network-42\/metadata,/m,
    );
    expect(outcome.stdout).toContain('# service: dnsmasq of network 42 follows its files');
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('leaves what a shell wrapper looks for, when the program is uninstalled', async () => {
    await network.restore({ vms: [vmOf(network, 10), vmOf(network, 11)] });
    await network.saveUserdata('10.1.1.11', Buffer.from('changed'));
    const told = async () =>
      Object.entries(await toldState(host))
        .filter(([path]) => path.startsWith('network-42/metadata/'))
        .sort();
    const before = await told();
    expect(before).toHaveLength(30);
    const guests = await Promise.all([10, 11].map((last) => bootGuest(host, 100, mac(last))));
    const served = () => Promise.all(guests.map((guest) => ask(guest, 'http://10.1.1.1/latest/user-data')));
    for (const guest of guests) await lease(guest);
    const [first, second] = await served();
    expect(first?.body).toHaveLength(2048);
    expect(second?.body).toBe('changed');
    const uninstalled = await host.self.run([host.program, 'uninstall', '--name', 'network-namespace']);
    expect(uninstalled).toMatchObject({ exit: 0 });
    expect(uninstalled.stdout).toContain('the user data of 1 guests is where a shell wrapper looks for it');
    const state = await host.state();
    expect(Object.keys(state)).not.toContain('network-42/metadata.pack');
    expect(state['network-42/metadata/10.1.1.10/latest/meta-data/instance-id']).toBe('i-vm-10');
    await host.install();
    await network.implement();
    expect(await told()).toEqual(before);
    // A daemon that was just started answers the first command before it serves.
    const again = await eventually(served, (answers) => answers.every(({ status }) => status !== 0));
    expect(again.map(({ body }) => body)).toEqual([first?.body, 'changed']);
    await Promise.all(guests.map((guest) => guest.remove()));
  });

  test('serves each tier of a VPC by itself', async () => {
    const tiers = [1, 2].map(
      (number) => new Network(host, { id: 50 + number, vlan: 100 + number, prefix: `10.9.${number}`, vpcId: 9 }),
    );
    for (const tier of tiers) await tier.implement();
    for (const tier of tiers) await tier.restore({ vms: [vmOf(tier, 10, `of-${tier.id}`)] });
    for (const tier of tiers) {
      const guest = await bootGuest(host, Number(tier.id) + 50, mac(10));
      expect(await lease(guest)).toMatchObject({ ip: `${tier.prefix}.10`, hostname: `of-${tier.id}` });
      expect(await resolve(guest, tier.gateway, `of-${tier.id}.dev.example.org`)).toEqual([`${tier.prefix}.10`]);
      expect((await ask(guest, `${metadata}/meta-data/instance-id`)).body).toBe(`i-of-${tier.id}`);
      await guest.remove();
    }
    for (const tier of tiers) await tier.destroy();
  });

  test('shows no VM the data of another, whenever the daemon is killed, and a repeat ends it', async () => {
    const count = 200;
    const list = (generation: string) =>
      Array.from({ length: count }, (_, index) =>
        vmOf(network, 20 + index, `${generation}-${index}`, {
          data: [
            ...usualVmData(`10.1.1.${20 + index}`, `${generation}-${index}`),
            entry('password', 'vm_password', `password ${generation}-${index}`),
          ].slice(generation === 'a' ? 0 : 1),
        }),
      );
    await network.restore({ vms: list('a') });
    // Some have directories of their own.
    const apart = Array.from({ length: 10 }, (_, index) => `10.1.1.${30 + index}`);
    await Promise.all(apart.map((ip) => network.saveUserdata(ip, Buffer.from('changed'))));
    const aside = async () => {
      const places = ['', '/network-42'].map((place) => `${host.stateDirectory}${place}`);
      return (await host.self.output('ls', '-A', ...places)).split('\n').filter((name) => name.startsWith('.'));
    };
    let killed = 0;
    for (const generation of ['b', 'a', 'b']) {
      const { options, files } = network.restoreCall({ vms: list(generation) });
      let isOver = false;
      const call = host.call('restore-network', options, files).finally(() => {
        isOver = true;
      });
      // In the middle: when something lies aside that is to be put in place, or that has just been taken away.
      while (!isOver && (await aside()).length === 0);
      for (const daemon of await daemons(host)) {
        await kill(host, daemon);
        killed++;
      }
      await call;
      expect(mixed(await toldState(host))).toEqual([]);
      await network.restore({ vms: list(generation) });
      const state = await toldState(host);
      expect(mixed(state)).toEqual([]);
      const ids = Object.entries(state).filter(([path]) => /^network-42\/metadata\/.*\/instance-id$/.test(path));
      expect(ids.map(([, content]) => content).filter((id) => id.startsWith(`i-${generation}-`))).toHaveLength(count);
    }
    expect(killed).toBeGreaterThan(0);
    expect(await eventually(aside, (left) => left.length === 0)).toEqual([]);
  });
});

/** Addresses whose files are of more than one VM. */
function mixed(state: Readonly<Record<string, string>>): string[] {
  const owners = new Map<string, Set<string>>();
  const found = (ip: string, owner: string | undefined) => {
    if (owner !== undefined) owners.set(ip, (owners.get(ip) ?? new Set()).add(owner));
  };
  for (const [path, content] of Object.entries(state)) {
    const ip = /^network-42\/metadata\/([^/]+)\//.exec(path)?.[1];
    if (ip !== undefined && path.endsWith('/instance-id')) found(ip, /^i-(.*)$/.exec(content)?.[1]);
    if (ip !== undefined && path.endsWith('/local-hostname')) found(ip, content);
    if (path !== 'network-42/passwords') continue;
    // A password may still be missing; it must not be that of another.
    for (const line of content.split('\n')) {
      const [, guest, owner] = /^([^=]+)=password (.*)$/.exec(line) ?? [];
      if (guest !== undefined) found(guest, owner);
    }
  }
  return [...owners].flatMap(([ip, names]) => (names.size > 1 ? [`${ip}: ${[...names].join(', ')}`] : []));
}
