import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from './endpoint.js';
import { TestHost } from './host.js';
import { briefly, patience, timeFactor } from './patience.js';
import { projectRoot } from './project-root.js';
import { takeSnapshot } from './snapshot.js';

// The harness is proven without the product: a small script builds a network by `ip` and `nft`, and every probe is
// seen to say yes and to say no.
const network = { 'network-id': 7, vlan: 100, gateway: '10.1.1.1', cidr: '10.1.1.0/24', 'extension-ip': '10.1.1.1' };
const publicIp = {
  'network-id': 7,
  'public-ip': '203.0.113.10',
  'public-vlan': 'vlan://200',
  'public-cidr': '203.0.113.10/24',
  'public-gateway': '203.0.113.1',
};
const forward = { 'network-id': 7, 'public-ip': '203.0.113.10', 'private-ip': '10.1.1.10' };

const drop = `table ip obstacle {
  chain f {
    type filter hook forward priority 0
    tcp dport 80 drop
    udp dport 53 drop
    icmp type echo-request drop
  }
}
`;

describe('a test host', () => {
  let host: TestHost;
  let guest: Endpoint;
  let outside: Endpoint;
  let machineBefore: string;

  beforeAll(async () => {
    machineBefore = await machineState();
    host = await TestHost.create({ guestVlans: [100], publicVlans: [200] });
    await host.installProgram(
      'network-namespace',
      await readFile(join(projectRoot, 'test/host/fake-wrapper.sh'), 'utf8'),
    );
    guest = await host.attachGuest(100, { addresses: ['10.1.1.10/24'], gateway: '10.1.1.1' });
    outside = await host.attachOutside(200, {
      addresses: ['203.0.113.1/24', '203.0.113.50/24'],
      loopback: ['198.51.100.9/32'],
    });
    await host.perform('implement-network', network);
  });
  afterAll(async () => {
    await host.destroy();
    expect(await machineState()).toBe(machineBefore);
  });

  test('is a host of its own', async () => {
    expect(await host.namespaces()).toEqual(['cs-net-7']);
    expect((await host.self.links()).map((link) => link.ifname)).toEqual(
      expect.arrayContaining(['eth1', 'eth2', 'eth1.100']),
    );
    expect(await host.state()).toEqual({ 'network-7/vlan': '100' });
    expect(await machineState()).toBe(machineBefore);
  });

  test('sends gratuitous ARP where it can be seen', async () => {
    const watch = await outside.watch('eth0');
    expect(await watch.announcements('203.0.113.10', 1, 0)).toHaveLength(0);
    await host.perform('assign-ip', publicIp);
    const [first] = await watch.announcements('203.0.113.10', 1);
    const link = await host.inside('cs-net-7').link('vpn-200-7');
    expect(first?.senderMac).toBe(link?.address);
    expect(first?.destinationMac).toBe('ff:ff:ff:ff:ff:ff');
    await watch.close();
  });

  test('tells open, refused and blocked apart, and which address was seen', async () => {
    const listener = await outside.listenTcp(80);
    expect((await host.self.tcp('198.51.100.9', 80)).result).toBe('unreachable');
    const open = await guest.tcp('198.51.100.9', 80);
    expect(open).toMatchObject({
      result: 'open',
      seen: { peer: '203.0.113.10', local: '198.51.100.9', localPort: 80 },
    });
    expect((await guest.tcp('198.51.100.9', 81)).result).toBe('refused');
    expect(await guest.ping('198.51.100.9')).toBe('answered');
    await host.inside('cs-net-7').loadRules(drop);
    expect((await guest.tcp('198.51.100.9', 80, briefly)).result).toBe('blocked');
    expect((await guest.udp('198.51.100.9', 53, briefly)).result).toBe('blocked');
    expect(await guest.ping('198.51.100.9', briefly)).toBe('blocked');
    await host.inside('cs-net-7').output('nft', 'delete table ip obstacle');
    expect((await guest.tcp('198.51.100.9', 80)).result).toBe('open');
    expect(await listener.peers()).toEqual(['203.0.113.10', '203.0.113.10']);
    await listener.close();
  });

  test('udp', async () => {
    const listener = await outside.listenUdp(53);
    expect(await guest.udp('198.51.100.9', 53)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    await listener.close();
    expect((await guest.udp('198.51.100.9', 53)).result).toBe('refused');
  });

  test('a held connection is answered until its entry is gone', async () => {
    const listener = await guest.listenTcp(22);
    await host.perform('add-port-forward', { ...forward, 'public-port': 2222, 'private-port': 22, protocol: 'tcp' });
    const connection = await outside.connect('203.0.113.10', 2222, { from: '203.0.113.50' });
    expect(connection.seen).toMatchObject({ peer: '203.0.113.50', local: '10.1.1.10', localPort: 22 });
    expect(await connection.exchange()).toBe('answered');
    await host.perform('delete-port-forward', { ...forward, 'public-port': 2222, 'private-port': 22, protocol: 'tcp' });
    expect(await connection.exchange()).not.toBe('answered');
    await listener.close();
  });

  test('a guest of this host is a port of its bridge', async () => {
    const local = await host.attachLocalGuest(100, {
      addresses: ['10.1.1.11/24'],
      gateway: '10.1.1.1',
      mac: '02:00:00:00:00:11',
    });
    expect(await local.ping('10.1.1.10')).toBe('answered');
    expect(await guest.neighbour('10.1.1.11')).toBe('02:00:00:00:00:11');
    await local.remove();
    expect(await guest.ping('10.1.1.11', briefly)).not.toBe('answered');
  });

  test('a snapshot shows a changed rule and nothing else', async () => {
    const before = await takeSnapshot(host);
    expect(await takeSnapshot(host)).toEqual(before);
    await host.inside('cs-net-7').output('nft', 'add table ip another');
    expect(await takeSnapshot(host)).not.toEqual(before);
    await host.inside('cs-net-7').output('nft', 'delete table ip another');
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('passes files by path and removes them', async () => {
    const answer = await host.call('read-file', { payload: '@payload' }, { '@payload': 'ü\n' });
    expect(answer).toMatchObject({ exit: 0, stdout: 'ü\n' });
    expect(Object.keys(await host.tree('/run/test-files'))).toEqual([]);
  });

  test('reports the answer of a failing command', async () => {
    const answer = await host.call('unknown-thing');
    expect(answer).toMatchObject({ exit: 1, stdout: '', stderr: "unknown command 'unknown-thing'\n", heldOpen: false });
    await expect(host.perform('unknown-thing')).rejects.toThrow('exit 1: unknown command');
  });

  test('notices a process that holds the output open', async () => {
    expect(await host.call('hold-open')).toMatchObject({ exit: 0, heldOpen: true });
    await expect(host.perform('hold-open')).rejects.toThrow('holds its stdout');
  });

  test('is gone after the destroy of its network', async () => {
    await host.perform('destroy-network', network);
    expect(await host.namespaces()).toEqual([]);
    expect(await host.state()).toEqual({});
    expect(await guest.ping('10.1.1.1', briefly)).not.toBe('answered');
  });
});

test('a test host is made quickly', async () => {
  const start = performance.now();
  const host = await TestHost.create({ guestVlans: [100, 101, 102], publicVlans: [200] });
  const milliseconds = performance.now() - start;
  await host.destroy();
  expect(milliseconds).toBeLessThan(300 * timeFactor);
});

test('nothing is left of a test host whose test process was killed', async () => {
  const before = await machineState();
  const script = `import { TestHost } from './test/host/host.ts';
    const host = await TestHost.create({ guestVlans: [100] });
    await host.self.run(['sh', '-c', 'sleep 987654 >/dev/null 2>&1 &']);
    console.log('ready');
    setInterval(() => undefined, 1000);`;
  const runner = join(projectRoot, 'test/host/run-typescript.mjs');
  const child = execa(process.execPath, [runner, '--code', script], { cwd: projectRoot, reject: false });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(await sleepers()).toBe(1);
  child.kill('SIGKILL');
  await child;
  const deadline = Date.now() + patience(3000);
  while ((await sleepers()) > 0 && Date.now() < deadline);
  expect(await sleepers()).toBe(0);
  expect(await machineState()).toBe(before);
});

/** Links and named namespaces of the machine the tests run on. */
async function machineState(): Promise<string> {
  const [links, namespaces, mounts] = await Promise.all([
    execa('ip', ['-o', 'link', 'show']),
    execa('ip', ['netns', 'list']),
    execa('findmnt', ['--noheadings', '--list', '--output', 'TARGET,FSTYPE']),
  ]);
  const names = links.stdout.split('\n').map((line) => line.split(':', 2)[1]?.trim());
  return JSON.stringify({ names, namespaces: namespaces.stdout, mounts: mounts.stdout });
}

async function sleepers(): Promise<number> {
  const { stdout } = await execa('ps', ['-eo', 'args'], { reject: false });
  return stdout.split('\n').filter((line) => line === 'sleep 987654').length;
}
