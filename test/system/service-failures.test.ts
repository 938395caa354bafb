import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { timeFactor } from '../host/patience.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { Network } from './network.js';
import { attachGuest, createHost, daemons } from './scene.js';
import { dnsmasqPid, kill, processesNamed } from './service-processes.js';

const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' };

describe('when something fails, DHCP and DNS', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100] });
  });
  afterAll(() => host?.destroy());

  beforeEach(async () => {
    await host.perform('destroy-network', { 'network-id': 42, vlan: '' });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.configure('dhcp');
    await network.addDhcpEntry(nic);
  });

  /** What the commands write; dnsmasq's own files change with every start. */
  const files = async () =>
    Object.fromEntries(
      Object.entries(await host.state()).filter(([path]) => !/\/(dnsmasq\.(pid|process)|leases)$/.test(path)),
    );

  const killDaemons = async () => {
    for (const daemon of await daemons(host)) await kill(host, daemon);
  };
  /** Any call starts a daemon. */
  const startDaemon = () => host.perform('destroy-network', { 'network-id': 7, vlan: '' });

  test('go on as they were when dnsmasq cannot start with what is new', async () => {
    const before = await files();
    const taken = await network.inside.listenTcp(53);
    const outcome = await host.call('config-dns-subnet', network.subnetOptions());
    expect(outcome).toMatchObject({ exit: 1, stdout: '' });
    expect(outcome.stderr).toContain('Address already in use');
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(await files()).toEqual(before);
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, network)]);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.10' });
    await taken.close();
    await network.configure('dns');
    expect(await resolve(guest, '10.1.1.1', 'data-server')).toEqual(['10.1.1.1']);
    await guest.remove();
  });

  test('serve what was written by a daemon that died before it could say so', async () => {
    await network.configure('dns');
    const guest = await attachGuest(host, network, 50, 100);
    await killDaemons();
    const directory = `${host.stateDirectory}/network-42/dnsmasq`;
    await host.writeFile(`${directory}/hosts`, '10.1.1.1 data-server\n10.1.1.77 late-1\n');
    await startDaemon();
    const ask = (name: string) => resolve(guest, '10.1.1.1', name);
    expect(
      await eventually(
        () => ask('late-1'),
        (found) => found?.length === 1,
      ),
    ).toEqual(['10.1.1.77']);
    await killDaemons();
    const path = `${directory}/dnsmasq.conf`;
    const text = await host.self.output('cat', path);
    await host.writeFile(path, text.replaceAll('dev.example.org', 'other.example.org'));
    await startDaemon();
    const question = 'late-1.other.example.org';
    expect(
      await eventually(
        () => ask(question),
        (found) => found?.length === 1,
      ),
    ).toEqual(['10.1.1.77']);
    expect(await processesNamed(host, 'dnsmasq')).toHaveLength(1);
    await guest.remove();
  });

  test('have every lease whose command was answered, however often daemon and dnsmasq are killed meanwhile', async () => {
    const answered: number[] = [];
    let isOver = false;
    const killing = (async () => {
      for (let round = 0, seen = -1; !isOver; round++) {
        await setTimeout(60 + ((round * 37) % 90));
        // However slow the machine is, something is answered between two kills.
        while (!isOver && answered.length === seen) await setTimeout(20);
        seen = answered.length;
        if (round % 2 === 0) for (const daemon of await daemons(host)) await host.self.run(['kill', '-9', daemon]);
        else for (const pid of await processesNamed(host, 'dnsmasq')) await host.self.run(['kill', '-9', String(pid)]);
      }
    })();
    const end = 20 + Math.ceil(200 / timeFactor);
    for (let number = 20; number < end; number++) {
      const mac = `02:01:00:00:00:${number.toString(16)}`;
      const outcome = await host.call('add-dhcp-entry', network.dhcpEntryOptions({ mac, ip: `10.1.1.${number}` }));
      if (outcome.exit === 0) answered.push(number);
      if (number % 5 === 0) await network.configure(number % 2 === 0 ? 'dns' : 'dhcp').catch(() => undefined);
    }
    isOver = true;
    await killing;
    await startDaemon();
    expect(answered.length).toBeGreaterThan((end - 20) / 20);
    const pids = await eventually(
      () => processesNamed(host, 'dnsmasq'),
      (found) => found.length === 1,
    );
    expect(pids).toEqual([await dnsmasqPid(host, network)]);
    const lines = (await host.state())[network.file('dnsmasq/dhcp-hosts')] ?? '';
    for (const number of answered) expect(lines).toContain(`,10.1.1.${number},`);
    const guest = await bootGuest(host, 100, `02:01:00:00:00:${answered.at(-1)?.toString(16)}`);
    expect(await lease(guest)).toMatchObject({ ip: `10.1.1.${answered.at(-1)}` });
    await guest.remove();
  });

  test('move into a namespace that was made anew', async () => {
    await host.self.output('ip', 'netns', 'delete', 'cs-net-42');
    await network.implement();
    expect(await processesNamed(host, 'dnsmasq')).toEqual([await dnsmasqPid(host, network)]);
    const guest = await bootGuest(host, 100, nic.mac);
    expect(await lease(guest)).toMatchObject({ ip: '10.1.1.10' });
    await guest.remove();
  });
});
