import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { timeFactor } from '../host/patience.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { eventually } from './eventually.js';
import { ask, entry } from './guest-http.js';
import { Network } from './network.js';
import { attachGuest, createHost, daemons } from './scene.js';
import { dnsmasqPid, processesNamed } from './service-processes.js';

/** VMs of each network: fewer where a command takes longer, so that the test does not. */
const virtualMachines = 4 + Math.ceil(40 / timeFactor);

/** The parts of a VM's start; each is one command, and is answered or not. */
type Part = 'lease' | 'name' | 'metadata' | 'password';

/** A network whose VMs start while everything is being killed. */
interface Site {
  readonly network: Network;
  /** Has the addresses of all VMs, and asks as each of them. */
  readonly guest: Endpoint;
  /** What was answered, by the VM's number. */
  readonly answered: Record<Part, number[]>;
}

const macOf = (site: Site, number: number) =>
  `02:01:00:00:${Number(site.network.id).toString(16)}:${number.toString(16).padStart(2, '0')}`;
const addressOf = (site: Site, number: number) => `${site.network.prefix}.${number}`;

describe('when daemon and dnsmasq are killed while VMs of several networks start', () => {
  let host: TestHost;
  const sites: Site[] = [];

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101] });
    for (const index of [0, 1]) {
      const network = new Network(host, { id: 41 + index, vlan: 100 + index, prefix: `10.1.${index + 1}` });
      await network.implement();
      await network.configure('dns');
      const guest = await attachGuest(host, network, 200, 100 + index);
      const site = { network, guest, answered: { lease: [], name: [], metadata: [], password: [] } };
      const numbers = Array.from({ length: virtualMachines }, (_, at) => 20 + at);
      await guest.ipBatch(numbers.map((number) => ['address', 'add', `${addressOf(site, number)}/32`, 'dev', 'eth0']));
      sites.push(site);
    }
  });
  afterAll(() => host?.destroy());

  const kill = async (pids: readonly (string | number)[]) => {
    for (const pid of pids) await host.self.run(['kill', '-9', String(pid)]);
  };
  /** Any call starts a daemon. */
  const startDaemon = () => host.perform('destroy-network', { 'network-id': 7, vlan: '' });

  async function start(site: Site, number: number): Promise<void> {
    const ip = addressOf(site, number);
    const { network, answered } = site;
    const metadata = btoa(JSON.stringify([entry('metadata', 'instance-id', `vm ${ip}`)]));
    const calls: readonly [Part, string, Readonly<Record<string, string | number | boolean>>][] = [
      ['lease', 'add-dhcp-entry', network.dhcpEntryOptions({ mac: macOf(site, number), ip })],
      ['name', 'add-dns-entry', network.entryOptions({ ip, hostname: `vm-${number}` })],
      ['metadata', 'save-vm-data', { ...network.guestOptions(ip), 'vm-data': metadata }],
      ['password', 'save-password', { ...network.guestOptions(ip), password: `of ${ip}` }],
    ];
    for (const [part, command, options] of calls) {
      if ((await host.call(command, options)).exit === 0) answered[part].push(number);
    }
  }

  const isTold = async ({ guest, network }: Site, ip: string, path: string, header: string) => {
    const options = ['--interface', ip, '--header', header];
    return (await ask(guest, `http://${network.gateway}${path}`, options)).body;
  };

  /** Whether the VM that was the last to be answered is served everything. */
  const servesLast = async (site: Site): Promise<boolean> => {
    const last = (part: Part) => site.answered[part].at(-1) ?? 0;
    const [name, metadata, password] = [last('name'), last('metadata'), last('password')];
    const told = await Promise.all([
      resolve(site.guest, site.network.gateway, `vm-${name}`),
      isTold(site, addressOf(site, metadata), '/latest/meta-data/instance-id', 'X-None: x'),
      isTold(site, addressOf(site, password), ':8080/', 'DomU_Request: send_my_password'),
    ]);
    const expected = [[addressOf(site, name)], `vm ${addressOf(site, metadata)}`, `of ${addressOf(site, password)}`];
    return JSON.stringify(told) === JSON.stringify(expected);
  };

  test('nothing of what was answered is lost, and within five seconds everything is served again', async () => {
    const count = () => sites.reduce((sum, { answered }) => sum + Object.values(answered).flat().length, 0);
    let isOver = false;
    const killing = (async () => {
      for (let round = 0, seen = -1; !isOver; round++) {
        await setTimeout(40 + ((round * 53) % 170));
        // However slow the machine is, something is answered between two kills.
        while (!isOver && count() === seen) await setTimeout(20);
        seen = count();
        if (round % 3 !== 2) await kill(await daemons(host));
        if (round % 3 !== 0) await kill(await processesNamed(host, 'dnsmasq'));
      }
    })();
    try {
      await Promise.all(
        sites.map(async (site) => {
          for (let number = 20; number < 20 + virtualMachines; number++) await start(site, number);
        }),
      );
    } finally {
      isOver = true;
      await killing;
    }
    for (const { answered } of sites)
      for (const part of Object.values(answered)) expect(part.length).toBeGreaterThan(0);
    await kill([...(await processesNamed(host, 'dnsmasq')), ...(await daemons(host))]);
    await startDaemon();
    expect(
      await eventually(
        async () => Promise.all(sites.map(servesLast)),
        (serve) => serve.every((one) => one),
      ),
    ).toEqual([true, true]);
    expect((await processesNamed(host, 'dnsmasq')).length).toBe(2);
  });

  test('each VM is told what was answered for it', async () => {
    const state = await host.state();
    for (const site of sites) {
      const { network, answered, guest } = site;
      expect(await dnsmasqPid(host, network)).toBeDefined();
      for (const number of answered.lease)
        expect(state[network.file('dnsmasq/dhcp-hosts')]).toContain(`,${addressOf(site, number)},`);
      for (const number of answered.name)
        expect(await resolve(guest, network.gateway, `vm-${number}`)).toEqual([addressOf(site, number)]);
      for (const number of answered.metadata) {
        const ip = addressOf(site, number);
        expect(await isTold(site, ip, '/latest/meta-data/instance-id', 'X-None: x')).toBe(`vm ${ip}`);
      }
      for (const number of answered.password) {
        const ip = addressOf(site, number);
        expect(await isTold(site, ip, ':8080/', 'DomU_Request: send_my_password')).toBe(`of ${ip}`);
      }
    }
  });

  test('a lease is given to the last one, and half-written files are nowhere', async () => {
    for (const [index, site] of sites.entries()) {
      const last = site.answered.lease.at(-1) ?? 0;
      const vm = await bootGuest(host, 100 + index, macOf(site, last));
      await site.guest.output('ip', 'address', 'delete', `${addressOf(site, last)}/32`, 'dev', 'eth0');
      expect(await lease(vm)).toMatchObject({ ip: addressOf(site, last) });
      await vm.remove();
    }
    for (const site of sites) await site.network.shutdown();
    for (const site of sites) await site.network.destroy();
    expect(Object.keys(await host.state())).toEqual([]);
  });
});
