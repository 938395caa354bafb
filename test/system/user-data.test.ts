import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { patience } from '../host/patience.js';
import { projectRoot } from '../host/project-root.js';
import { ask, askBytes, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, daemons } from './scene.js';
import { Vpc } from './vpc.js';

const slowGuest = join(projectRoot, 'test/system/slow-guest.py');
const linkLocal = '169.254.169.254';

/** Bytes that are no text, and would not survive being taken for it. */
const binary = Buffer.from([0x1f, 0x8b, 0, 0xff, 0xfe, 0x0d, 0x0a, 0x80, 0x22]);

describe('user data of an isolated network', () => {
  let host: TestHost;
  let network: Network;
  let one: Endpoint;
  let other: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    one = await attachGuest(host, network, 10, 100);
    other = await attachGuest(host, network, 11, 100);
    await network.implement();
    await network.saveVmData('10.1.1.10', [
      entry('userdata', 'user_data', binary),
      entry('metadata', 'instance-id', 'one'),
      entry('metadata', 'local-hostname', 'web-1'),
      entry('metadata', 'public-hostname', ''),
      entry('metadata', 'hypervisor-host-name', 'kvm-1'),
      entry('metadata', 'größe', 'XL'),
      entry('password', 'vm_password', 'p=w 1'),
      entry('password', 'vm-password-md5checksum', 'abc'),
    ]);
    await network.saveVmData('10.1.1.11', [entry('metadata', 'instance-id', 'two')]);
  });
  afterAll(() => host?.destroy());

  test.each(['10.1.1.1', linkLocal])('is served on %s, each guest its own', async (address) => {
    const url = `http://${address}/latest`;
    expect(await ask(one, `${url}/meta-data/instance-id`)).toMatchObject({ status: 200, body: 'one' });
    expect(await ask(other, `${url}/meta-data/instance-id`)).toMatchObject({ status: 200, body: 'two' });
    expect(await askBytes(one, `${url}/user-data`)).toBe(binary.toString('hex'));
    expect((await ask(other, `${url}/user-data`)).status).toBe(404);
    const names = ['größe', 'hypervisor-host-name', 'hypervisor-hostname', 'instance-id', 'local-hostname'];
    expect((await ask(one, `${url}/meta-data/`)).body.split('\n').slice(0, -1).sort()).toEqual(
      [...names, 'password-checksum'].sort(),
    );
    expect((await ask(one, `${url}/`)).body).toBe('meta-data/\nuser-data\n');
    expect((await ask(one, `${url}/meta-data/gr%C3%B6%C3%9Fe`)).body).toBe('XL');
    expect((await ask(one, `${url}/meta-data/instance-id`)).headers).toMatch(/^content-type: text\/plain\r?$/im);
  });

  test('is found under the versions that clients of EC2 ask for', async () => {
    expect((await ask(one, `http://${linkLocal}/2009-04-04/meta-data/instance-id`)).body).toBe('one');
    expect((await ask(one, `http://${linkLocal}/1.0/meta-data/instance-id`)).body).toBe('one');
    expect((await ask(one, `http://${linkLocal}/`)).body).toBe('1.0\n2009-04-04\nlatest\n');
    expect((await ask(one, `http://${linkLocal}/latest/api/token`, ['--request', 'PUT'])).status).toBe(405);
  });

  test('is not to be had of another guest, whatever is asked', async () => {
    const paths = [
      '/latest/../../10.1.1.10/latest/user-data',
      '/latest/%2e%2e/%2e%2e/10.1.1.10/latest/user-data',
      '/latest/..%2f..%2f10.1.1.10/latest/user-data',
      '/latest/meta-data/..%2f..%2f..%2f10.1.1.10/latest/user-data',
      '/latest/user-data/../../../10.1.1.10/latest/user-data',
      '/10.1.1.10/latest/user-data',
      '/latest/%00',
      '/latest/%zz',
    ];
    for (const path of paths) expect((await ask(other, `http://10.1.1.1${path}`)).status, path).toBe(404);
    const pretending = ['--header', 'X-Forwarded-For: 10.1.1.10', '--header', 'Forwarded: for=10.1.1.10'];
    expect((await ask(other, 'http://10.1.1.1/latest/user-data', pretending)).status).toBe(404);
  });

  test('symbolic links are not followed', async () => {
    const directory = `${host.stateDirectory}/network-42/metadata/10.1.1.11`;
    await host.self.output('ln', '-s', '../../../passwords', `${directory}/latest/meta-data/link`);
    await host.self.output('ln', '-s', '../../10.1.1.10/latest', `${directory}/latest/tree`);
    expect((await ask(other, 'http://10.1.1.1/latest/meta-data/link')).status).toBe(404);
    expect((await ask(other, 'http://10.1.1.1/latest/tree/user-data')).status).toBe(404);
    expect((await ask(other, 'http://10.1.1.1/latest/tree/')).status).toBe(404);
    expect((await ask(other, 'http://10.1.1.1/latest/meta-data/')).body).toBe('instance-id\n');
    await host.self.output('rm', `${directory}/latest/meta-data/link`, `${directory}/latest/tree`);
  });

  test('a password is told until it is said to be saved, and to its guest only', async () => {
    expect(await askPassword(other, '10.1.1.1', 'send_my_password')).toBe('saved_password');
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('p=w 1');
    expect(await askPassword(other, '10.1.1.1', 'saved_password')).toBe('saved_password');
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('p=w 1');
    expect(await askPassword(one, '10.1.1.1', 'give_me_more')).toBe('bad_request');
    expect(await askPassword(one, '10.1.1.1', 'saved_password')).toBe('saved_password');
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('saved_password');
    expect(await host.state()).not.toHaveProperty('network-42/passwords');
    await network.savePassword('10.1.1.10', '--vpc-id');
    await network.savePassword('10.1.1.11', 'other');
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('--vpc-id');
    expect((await host.state())['network-42/passwords']).toBe('10.1.1.10=--vpc-id\n10.1.1.11=other\n');
  });

  test('everything is private on disk, and no secret is in the log', async () => {
    const tree = await host.tree(host.stateDirectory);
    for (const [path, { kind, mode }] of Object.entries(tree)) {
      if (kind === 'file') expect(mode & 0o777, path).toBe(0o600);
      if (kind === 'directory') expect(mode & 0o777, path).toBe(0o700);
    }
    await host.call('save-password', { ...network.guestOptions('10.1.1.10'), password: 'SECRET-1\nSECRET-2' });
    await host.call('save-vm-data', { ...network.guestOptions('10.1.1.10'), 'vm-data': btoa('SECRET-3') });
    const log = await host.self.output('cat', host.logFile);
    expect(log).not.toMatch(/SECRET|--vpc-id|FAKE|p=w 1/);
  });

  test('an emptied value takes the file away, and saved on their own they change', async () => {
    await network.saveVmData('10.1.1.10', [
      entry('metadata', 'local-hostname', ''),
      entry('metadata', 'instance-id', 'one'),
    ]);
    expect((await ask(one, 'http://10.1.1.1/latest/meta-data/local-hostname')).status).toBe(404);
    await network.saveUserdata('10.1.1.10', Buffer.from('#cloud-config\n'));
    expect((await ask(one, 'http://10.1.1.1/latest/user-data')).body).toBe('#cloud-config\n');
    await host.perform('save-sshkey', { ...network.guestOptions('10.1.1.10'), sshkey: 'ssh-rsa AAAA== me' });
    expect((await ask(one, 'http://10.1.1.1/latest/meta-data/public-keys')).body).toBe('ssh-rsa AAAA== me');
    await host.perform('save-hypervisor-hostname', {
      ...network.guestOptions('10.1.1.10'),
      'hypervisor-hostname': 'kvm-2.example.org',
    });
    for (const name of ['hypervisor-hostname', 'hypervisor-host-name'])
      expect((await ask(one, `http://10.1.1.1/latest/meta-data/${name}`)).body).toBe('kvm-2.example.org');
  });

  test('another VM with the address of a former one is told nothing of it', async () => {
    await network.saveUserdata('10.1.1.11', Buffer.from('of the former'));
    await network.saveVmData('10.1.1.11', [entry('metadata', 'instance-id', 'three'), entry('metadata', 'vm-id', '3')]);
    expect((await ask(other, 'http://10.1.1.1/latest/')).body).toBe('meta-data/\n');
    expect((await ask(other, 'http://10.1.1.1/latest/meta-data/')).body).toBe('instance-id\nvm-id\n');
    expect(await askPassword(other, '10.1.1.1', 'send_my_password')).toBe('saved_password');
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('--vpc-id');
  });

  test('is not to be had from the public side, not even with the address of a guest', async () => {
    const outside = await attachInternet(host);
    await network.assign('203.0.113.10', { sourceNat: true });
    await outside.output('ip', 'route', 'add', network.cidr, 'via', '203.0.113.10');
    await outside.output('ip', 'route', 'add', `${linkLocal}/32`, 'via', '203.0.113.10');
    await outside.output('ip', 'address', 'add', '10.1.1.10/32', 'dev', 'lo');
    for (const address of ['203.0.113.10', '10.1.1.1', linkLocal]) {
      for (const from of [[], ['--interface', '10.1.1.10']]) {
        const options = ['--connect-timeout', '0.3', ...from];
        expect((await ask(outside, `http://${address}/latest/`, options)).status, address).toBe(0);
        expect((await ask(outside, `http://${address}:8080/`, options)).status, address).toBe(0);
      }
    }
    expect((await ask(one, 'http://10.1.1.1/latest/meta-data/instance-id')).body).toBe('one');
  });

  test('a slow guest keeps nobody waiting', async () => {
    const slow = one.run(['python3', slowGuest, '10.1.1.1'], { deadline: patience(20_000) });
    await sleep(500);
    const begin = performance.now();
    expect((await ask(other, 'http://10.1.1.1/latest/meta-data/instance-id')).body).toBe('three');
    await network.implement();
    expect(performance.now() - begin).toBeLessThan(patience(1500));
    expect(await slow).toMatchObject({ exit: 0, stdout: '16 of 24 connections stay\n' });
  });

  test('a daemon that was killed serves again as soon as there is one', async () => {
    await killDaemons(host);
    expect((await ask(one, 'http://10.1.1.1/latest/meta-data/instance-id')).status).toBe(0);
    // The status of another extension starts the daemon, and says nothing about the network.
    await host.call('shutdown-network', { 'network-id': 999, vlan: '' });
    const serves = async () => (await ask(one, `http://${linkLocal}/latest/meta-data/instance-id`)).body === 'one';
    expect(await one.eventually(serves, 5000)).toBe(true);
    expect(await askPassword(one, '10.1.1.1', 'send_my_password')).toBe('--vpc-id');
    expect(await host.self.output(host.program, 'status')).toContain('served to the guests of 1 network\n');
  });

  test('a namespace that is made anew serves, one that ends does not', async () => {
    await network.shutdown();
    expect(await host.namespaces()).toEqual([]);
    expect(await host.self.output(host.program, 'status')).toContain('served to the guests of 0 networks\n');
    await network.implement();
    expect((await ask(one, `http://${linkLocal}/latest/meta-data/instance-id`)).body).toBe('one');
    await host.self.output('ip', 'netns', 'delete', network.namespace);
    const isEnded = async () => (await host.self.output(host.program, 'status')).includes('guests of 0 networks\n');
    expect(await one.eventually(isEnded)).toBe(true);
    await network.implement();
    expect((await ask(one, 'http://10.1.1.1/latest/meta-data/instance-id')).body).toBe('one');
    await network.shutdown();
    await network.destroy();
    expect(Object.keys(await host.state())).toEqual([]);
    expect(await daemons(host)).toHaveLength(1);
  });

  test('what is said of a network that is not there is refused, and leaves nothing', async () => {
    const outcome = await host.call('save-password', { ...network.guestOptions('10.1.1.10'), password: 'SECRET' });
    expect(outcome).toMatchObject({ exit: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^cloudstack-netns: save-password: .*does not exist; expected implement-network first\n$/,
    );
    expect(Object.keys(await host.state())).toEqual([]);
  });
});

describe('user data of the tiers of a VPC', () => {
  let host: TestHost;
  const guests: Endpoint[] = [];
  const tiers: Network[] = [];

  beforeAll(async () => {
    host = await createHost();
    await attachInternet(host);
    await new Vpc(host, { id: 9, cidr: '10.9.0.0/16' }).implement('203.0.113.20');
    for (const [index, id] of [51, 52].entries()) {
      const tier = new Network(host, { id, vlan: 100 + index, prefix: `10.9.${index + 1}`, vpcId: 9 });
      tiers.push(tier);
      await tier.implement();
      await tier.saveVmData(`${tier.prefix}.10`, [entry('metadata', 'instance-id', `vm of ${id}`)]);
      await tier.savePassword(`${tier.prefix}.10`, `password of ${id}`);
      guests.push(await attachGuest(host, tier, 10, 100 + index));
    }
  });
  afterAll(() => host?.destroy());

  test('the address of the guest decides, also on the address that all tiers have', async () => {
    for (const [index, id] of [51, 52].entries()) {
      for (const address of [`10.9.${index + 1}.1`, linkLocal]) {
        const { body } = await ask(guests[index] as Endpoint, `http://${address}/latest/meta-data/instance-id`);
        expect(body, `${id} asks ${address}`).toBe(`vm of ${id}`);
      }
      expect(await askPassword(guests[index] as Endpoint, tiers[index]?.gateway ?? '', 'send_my_password')).toBe(
        `password of ${id}`,
      );
    }
  });

  test('a tier that ends takes nothing from the other', async () => {
    const [first, second] = tiers as [Network, Network];
    await first.shutdown();
    await first.destroy();
    const [, guest] = guests as [Endpoint, Endpoint];
    expect((await ask(guest, `http://${linkLocal}/latest/meta-data/instance-id`)).body).toBe('vm of 52');
    expect((await ask(guest, `http://${second.gateway}/latest/meta-data/instance-id`)).body).toBe('vm of 52');
    await killDaemons(host);
    await host.call('shutdown-network', { 'network-id': 999, vlan: '' });
    const serves = async () =>
      (await ask(guest, `http://${linkLocal}/latest/meta-data/instance-id`)).body === 'vm of 52';
    expect(await guest.eventually(serves, 5000)).toBe(true);
  });
});

async function killDaemons(host: TestHost): Promise<void> {
  const pids = await daemons(host);
  expect(pids).not.toEqual([]);
  await host.self.output('kill', '-9', ...pids);
  await sleep(50);
}
