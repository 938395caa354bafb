/** Who can ask the services of a network: its guests, and nobody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { ask, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost } from './scene.js';
import { Vpc } from './vpc.js';

const linkLocal = '169.254.169.254';

/** What one machine can learn from the services at an address. */
async function learned(machine: Endpoint, address: string) {
  const options = ['--connect-timeout', '0.5'];
  const [metadata, password, name, reverse] = await Promise.all([
    ask(machine, `http://${address}/latest/meta-data/instance-id`, options),
    ask(machine, `http://${address}:8080/`, [...options, '--header', 'DomU_Request: send_my_password']),
    resolve(machine, address, 'web-1'),
    resolve(machine, address, '-x', '10.1.2.10'),
  ]);
  return { metadata: metadata.body, password: password.body, name: name ?? [], reverse: reverse ?? [] };
}

const nothing = { metadata: '', password: '', name: [], reverse: [] };

async function serve(network: Network, address: string): Promise<void> {
  await network.configure('dns');
  await network.addDhcpEntry({ mac: '02:01:00:00:00:0a', ip: address, hostname: 'web-1' });
  await network.addDnsEntry(address, 'web-1');
  await network.saveVmData(address, [entry('metadata', 'instance-id', `vm of ${network.id}`)]);
  await network.savePassword(address, `secret of ${network.id}`);
}

describe('the services of a network', () => {
  let host: TestHost;
  let guest: Endpoint;
  let stranger: Endpoint;
  let outside: Endpoint;
  let one: Network;
  let other: Network;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101], publicVlans: [200] });
    outside = await attachInternet(host);
    one = new Network(host, { id: 42, vlan: 100 });
    other = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    for (const network of [one, other]) await network.implement();
    await one.assign('203.0.113.10', { sourceNat: true });
    await other.assign('203.0.113.11', { sourceNat: true });
    await serve(other, '10.1.2.10');
    guest = await attachGuest(host, other, 10, 101);
    stranger = await attachGuest(host, one, 10, 100);
  });
  afterAll(() => host?.destroy());

  test('are reached by its guests', async () => {
    const all = { metadata: 'vm of 43', password: 'secret of 43', name: ['10.1.2.10'] };
    expect(await learned(guest, '10.1.2.1')).toMatchObject({ ...all, reverse: ['web-1.dev.example.org.'] });
  });

  test('are not reached from the public side, whatever address is asked, and as whom', async () => {
    await outside.ipBatch([
      ['route', 'add', '10.1.2.0/24', 'via', '203.0.113.11'],
      ['route', 'add', `${linkLocal}/32`, 'via', '203.0.113.11'],
    ]);
    for (const address of ['203.0.113.11', '10.1.2.1', linkLocal])
      expect(await learned(outside, address), address).toEqual(nothing);
  });

  test('are not reached by another network’s guest, over the internet or as if it were a neighbour', async () => {
    for (const address of ['203.0.113.11', '10.1.2.1'])
      expect(await learned(stranger, address), address).toEqual(nothing);
    // With a guest's address, on the other network's wire.
    await stranger.output('ip', 'address', 'add', '10.1.2.10/24', 'dev', 'eth0');
    expect(await learned(stranger, '10.1.2.1')).toEqual(nothing);
    await stranger.output('ip', 'address', 'delete', '10.1.2.10/24', 'dev', 'eth0');
    // Where nothing is configured, nothing is told either.
    expect(await learned(stranger, '10.1.1.1')).toEqual(nothing);
    expect(await learned(stranger, linkLocal)).toEqual(nothing);
  });

  test('give no lease on the other network’s wire, nor on the public one', async () => {
    const vm = await bootGuest(host, 100, '02:01:00:00:00:0a');
    expect(await lease(vm, 2)).toBeUndefined();
    await vm.remove();
    const router = await host.attachOutside(200, { addresses: [], mac: '02:01:00:00:00:0a' });
    expect(await lease(router, 2)).toBeUndefined();
    await router.remove();
    const own = await bootGuest(host, 101, '02:01:00:00:00:0a');
    expect(await lease(own)).toMatchObject({ ip: '10.1.2.10' });
    await own.remove();
  });
});

describe('the services of a tier', () => {
  let host: TestHost;
  let first: Network;
  let second: Network;
  let guest: Endpoint;
  let stranger: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101], publicVlans: [200] });
    await attachInternet(host);
    await new Vpc(host, { id: 9, cidr: '10.1.0.0/16' }).implement('203.0.113.20');
    first = new Network(host, { id: 51, vlan: 100, vpcId: 9 });
    second = new Network(host, { id: 52, vlan: 101, prefix: '10.1.2', vpcId: 9 });
    for (const tier of [first, second]) await tier.implement();
    await serve(second, '10.1.2.10');
    guest = await attachGuest(host, second, 10, 101);
    stranger = await attachGuest(host, first, 10, 100);
  });
  afterAll(() => host?.destroy());

  test('tell nothing to another tier’s guest, also where tiers may talk to each other', async () => {
    expect(await learned(guest, '10.1.2.1')).toMatchObject({ metadata: 'vm of 52', name: ['10.1.2.10'] });
    for (const address of ['10.1.2.1', '10.1.1.1', linkLocal])
      expect(await learned(stranger, address), address).toEqual(nothing);
    const vm = await bootGuest(host, 100, '02:01:00:00:00:0a');
    expect(await lease(vm, 2)).toBeUndefined();
    await vm.remove();
  });

  test('take nobody for a guest who only says so', async () => {
    await stranger.output('ip', 'address', 'add', '10.1.2.10/32', 'dev', 'lo');
    const as = ['--interface', '10.1.2.10', '--connect-timeout', '0.5'];
    for (const address of ['10.1.2.1', linkLocal])
      expect((await ask(stranger, `http://${address}/latest/`, as)).status, address).toBe(0);
    expect(await askPassword(guest, '10.1.2.1', 'send_my_password')).toBe('secret of 52');
  });
});
