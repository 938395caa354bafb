import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../host/endpoint.js';
import type { TestHost } from '../../host/host.js';
import { briefly } from '../../host/patience.js';
import { takeSnapshot } from '../../host/snapshot.js';
import { eventually } from '../eventually.js';
import { ask } from '../guest-http.js';
import { Network } from '../network.js';
import { ingress } from '../rules.js';
import { attachGuest, attachInternet, createHost, internet } from '../scene.js';
import { processesNamed, servicePid } from '../service-processes.js';
import { balancer, load, revoked, startWebServer } from './web.js';

const publicIp = '203.0.113.10';
const site = `${publicIp}:80`;
const [first, second, third] = ['10.1.1.10', '10.1.1.11', '10.1.1.12'] as const;

describe('apply-lb-rules', () => {
  let host: TestHost;
  let network: Network;
  let outside: Endpoint;
  const guests = new Map<string, Endpoint>();

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign(publicIp, { sourceNat: true });
    await network.assign('203.0.113.11');
    outside = await attachInternet(host);
    for (const last of [10, 11, 12]) {
      const guest = await attachGuest(host, network, last, 100);
      await startWebServer(guest);
      guests.set(guest.address, guest);
    }
  });
  afterAll(() => host?.destroy());

  const ids = [17, 18, 19, 20];
  beforeEach(() => network.applyBalancing(ids.map((id) => revoked(balancer(id, publicIp, [])))));

  const guest = (address: string) => guests.get(address) as Endpoint;
  const answered = async (to = site, requests = 40) => (await load(outside, to, requests, internet)).answers;
  const files = async () =>
    Object.fromEntries(Object.entries(await host.state()).filter(([path]) => path.startsWith('network-42/haproxy/')));
  const closed = async (port = 80, machine = outside) =>
    expect(
      (await machine.tcp(publicIp, port, { ...(machine === outside ? { from: internet } : {}), ...briefly })).result,
    ).not.toBe('open');
  const refused = async (...rules: Parameters<Network['applyBalancing']>[0]) => {
    const outcome = await host.call('apply-lb-rules', network.balancingOptions(rules));
    expect(outcome).toMatchObject({ exit: 1, stdout: '' });
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
    return outcome.stderr;
  };

  test('by turns: each guest answers as often as the other', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first, second])]);
    expect(await answered()).toEqual({ [first]: 20, [second]: 20 });
    expect(Object.keys(await files()).sort()).toEqual(
      ['17.json', 'haproxy.cfg', 'haproxy.pid', 'haproxy.process'].map((name) => `network-42/haproxy/${name}`),
    );
    const pid = await servicePid(host, network, 'haproxy');
    const status = await host.self.output('cat', `/proc/${pid}/status`);
    expect(status).not.toMatch(/^Uid:.*\b0\b/m);
  });

  test('again: changes nothing, and the process stays', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first, second])]);
    const [before, pid] = [await takeSnapshot(host), await servicePid(host, network, 'haproxy')];
    await network.applyBalancing([balancer(17, publicIp, [first, second])]);
    expect(await takeSnapshot(host)).toEqual(before);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
  });

  test('by client: one guest, and the same one when another comes', async () => {
    const rule = { algorithm: 'source' };
    await network.applyBalancing([balancer(17, publicIp, [first, second], rule)]);
    const [own, ...others] = Object.keys(await answered());
    expect(others).toEqual([]);
    await network.applyBalancing([balancer(17, publicIp, own === first ? [first, third] : [second, third], rule)]);
    const now = Object.keys(await answered());
    expect(now).toHaveLength(1);
    expect([own, third]).toContain(now[0]);
  });

  test('by load, and by fixed turns', async () => {
    for (const algorithm of ['leastconn', 'static-rr', 'LEASTCONN']) {
      await network.applyBalancing([balancer(17, publicIp, [first, second], { algorithm })]);
      expect(Object.keys(await answered()).sort()).toEqual([first, second]);
    }
  });

  test('a guest that comes or goes is told to the running process; its connections may end by themselves', async () => {
    const rule = (...addresses: string[]) => balancer(17, publicIp, addresses, { privatePort: 22 });
    for (const address of [first, second]) await guest(address).listenTcp(22);
    await network.applyBalancing([rule(first)]);
    const pid = await servicePid(host, network, 'haproxy');
    const connection = await outside.connect(publicIp, 80, { from: internet });
    expect(await connection.exchange()).toBe('answered');
    await network.applyBalancing([rule(second)]);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    expect(await connection.exchange()).toBe('answered');
    expect((await outside.tcp(publicIp, 80, { from: internet })).result).toBe('open');
    await network.applyBalancing([rule()]);
    expect(await connection.exchange()).toBe('answered');
    // The port stays the rule's: who calls is cut off at once.
    expect(await answered(site, 2)).toEqual({});
    await network.applyBalancing([rule(first)]);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    expect((await outside.tcp(publicIp, 80, { from: internet })).result).toBe('open');
    // Fixed turns are a table that haproxy makes at its start.
    await network.applyBalancing([balancer(17, publicIp, [first], { algorithm: 'static-rr' })]);
    await network.applyBalancing([balancer(17, publicIp, [second, third], { algorithm: 'static-rr' })]);
    expect(Object.keys(await answered()).sort()).toEqual([second, third]);
    await connection.close();
  });

  test('a guest that does not answer gets nothing, until it does', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first, '10.1.1.77'])]);
    const all = await eventually(
      () => load(outside, site, 10, internet),
      ({ failures }) => Object.keys(failures).length === 0,
      20_000,
    );
    expect(all).toMatchObject({ failures: {}, answers: { [first]: 10 } });
  });

  test('a rule that goes: its clients are cut off, those of another stay; the last one ends haproxy', async () => {
    for (const address of [first, second]) await guest(address).listenTcp(23);
    const [one, other] = [81, 82].map((publicPort, index) =>
      balancer(17 + index, publicIp, [first], { publicPort, privatePort: 23 }),
    );
    if (one === undefined || other === undefined) throw new Error('two rules');
    await network.applyBalancing([one, other]);
    const [ended, kept] = [
      await outside.connect(publicIp, 81, { from: internet }),
      await outside.connect(publicIp, 82, { from: internet }),
    ];
    // Its connections are the former process's when the next rule comes.
    await network.applyBalancing([balancer(19, publicIp, [second])]);
    expect([await ended.exchange(), await kept.exchange()]).toEqual(['answered', 'answered']);
    await network.applyBalancing([revoked(one)]);
    expect(await ended.exchange()).not.toBe('answered');
    expect(await kept.exchange()).toBe('answered');
    await closed(81);
    await network.applyBalancing([revoked(other), revoked(balancer(19, publicIp, []))]);
    expect(await kept.exchange()).not.toBe('answered');
    expect(await processesNamed(host, 'haproxy')).toEqual([]);
    expect(await files()).toEqual({});
    const before = await takeSnapshot(host);
    await network.applyBalancing([revoked(one), revoked(other)]);
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('tcp-proxy: guests are told who calls', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first], { protocol: 'TCP-Proxy' })]);
    const { body } = await ask(outside, `http://${site}/`, ['--interface', internet]);
    expect(body).toMatch(new RegExp(`^${first} PROXY TCP4 ${internet} ${publicIp} \\d+ 80$`, 'm'));
  });

  test('guests reach it by its public address', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first, second])]);
    expect((await ask(guest(third), `http://${site}/`)).status).toBe(200);
    expect((await ask(guest(first), `http://${site}/`)).status).toBe(200);
  });

  test('the firewall decides, also about who is connected', async () => {
    await guest(first).listenTcp(24);
    await network.applyBalancing([
      balancer(17, publicIp, [first, second]),
      balancer(18, publicIp, [first], { publicPort: 81, privatePort: 24 }),
    ]);
    const connection = await outside.connect(publicIp, 81, { from: internet });
    await network.applyFirewall([]);
    await closed();
    expect(await connection.exchange()).not.toBe('answered');
    await closed(80, guest(third));
    await network.applyFirewall([ingress(publicIp, 'tcp', { ports: 80, from: ['198.51.100.0/24'] })]);
    expect(await answered()).toEqual({ [first]: 20, [second]: 20 });
    await closed(81);
    await network.applyFirewall([ingress(publicIp, 'tcp'), ingress('203.0.113.11', 'tcp')]);
  });

  test('static NAT of the same address gets all but the rule, which the other order does not change', async () => {
    await guest(third).listenTcp(25);
    await network.addStaticNat(publicIp, third);
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    expect(await answered(site, 4)).toEqual({ [first]: 4 });
    expect(await outside.tcp(publicIp, 25, { from: internet })).toMatchObject({ seen: { local: third } });
    await network.deleteStaticNat(publicIp, third);
    expect(await answered(site, 4)).toEqual({ [first]: 4 });
    await network.addStaticNat(publicIp, third);
    expect(await answered(site, 4)).toEqual({ [first]: 4 });
    await network.deleteStaticNat(publicIp, third);
  });

  test('what cannot be is refused by name, and all goes on as it was', async () => {
    const good = balancer(17, publicIp, [first, second]);
    await network.applyBalancing([good]);
    const forward = { publicIp, publicPort: '8000-8010', privateIp: first, privatePort: '8000-8010' };
    await network.addPortForward(forward);
    const [before, pid] = [await takeSnapshot(host), await servicePid(host, network, 'haproxy')];
    const bad: [RegExp, Parameters<typeof balancer>[3]][] = [
      [/rule 18: protocol "udp": expected tcp or tcp-proxy/, { protocol: 'udp' }],
      [/rule 18: algorithm "fastest": expected roundrobin/, { algorithm: 'fastest' }],
      [/rule 18: publicIp "203.0.113.10\\n.*": expected an IPv4 address/, { publicIp: `${publicIp}\n  bind *:1` }],
      [/rule 18: publicPort "0": expected a port/, { publicPort: 0 }],
      [
        /rule 18: backend "web.example.org": expected an IPv4/,
        { backends: [{ ip: 'web.example.org', port: 80, revoked: false }] },
      ],
      [
        /rule 18: port of backend 10.1.1.10 "70000": expected a port/,
        { backends: [{ ip: first, port: 70_000, revoked: false }] },
      ],
      [/rule 18: 203.0.113.10:80 is taken by rule 17/, {}],
      [/rule 18: 203.0.113.10:8005 is taken by the port forward of 203.0.113.10:8000-8010/, { publicPort: 8005 }],
      [/rule 18: 203.0.113.99 is not assigned/, { publicIp: '203.0.113.99' }],
    ];
    for (const [message, changed] of bad) {
      expect(
        await refused(balancer(19, publicIp, [first], { publicPort: 90 }), balancer(18, publicIp, [first], changed)),
      ).toMatch(message);
    }
    const taken = await host.call(
      'add-port-forward',
      network.forwardOptions({ ...forward, publicPort: 80, privatePort: 80 }),
    );
    expect(taken.stderr).toContain('is taken by load balancer rule 17');
    expect(await takeSnapshot(host)).toEqual(before);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    expect(await answered()).toEqual({ [first]: 20, [second]: 20 });
    await network.deletePortForward(forward);
  });

  test('a rule that was refused can be revoked', async () => {
    await network.applyBalancing([revoked(balancer(18, publicIp, [first], { protocol: 'udp' }))]);
  });

  test('dry run and dump-config show it', async () => {
    const options = network.balancingOptions([balancer(17, publicIp, [first])]);
    const before = await takeSnapshot(host);
    const { exit, stdout } = await host.callRaw([...host.callArguments('apply-lb-rules', options), '--dry-run']);
    expect(exit).toBe(0);
    expect(stdout).toContain('# service: haproxy of network 42 follows its files');
    expect(stdout).toMatch(/haproxy\/17\.json/);
    expect(stdout).toMatch(/add element ip cloudstack load_balancer \{ 203\.0\.113\.10 \. .* : accept \}/);
    expect(await takeSnapshot(host)).toEqual(before);
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    const shown = await host.self.output(host.program, 'show', 'network', '42');
    expect(shown).toContain(`bind ${site}`);
    expect(shown).toContain('haproxy/17.json\n');
  });

  test('a missing haproxy is an error that names its package, and nothing is half done', async () => {
    const before = await takeSnapshot(host);
    await host.self.output('mount', '--bind', '/dev/null', '/usr/sbin/haproxy');
    try {
      expect(await refused(balancer(17, publicIp, [first]))).toContain('expected the Debian package haproxy');
    } finally {
      await host.self.output('umount', '/usr/sbin/haproxy');
    }
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('an address that is released takes its rules along', async () => {
    const other = '203.0.113.11';
    await network.applyBalancing([balancer(17, publicIp, [first]), balancer(18, other, [first])]);
    expect(await answered(`${other}:80`, 2)).toEqual({ [first]: 2 });
    await network.release(other);
    expect(Object.keys(await files())).not.toContain('network-42/haproxy/18.json');
    expect(await answered(site, 2)).toEqual({ [first]: 2 });
    await network.assign(other);
  });

  test('shutdown ends it, and the network can come back', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    await network.shutdown();
    expect(await processesNamed(host, 'haproxy')).toEqual([]);
    expect(await files()).toEqual({});
    await network.applyBalancing([revoked(balancer(17, publicIp, []))]);
    await network.implement();
    await network.assign(publicIp, { sourceNat: true });
    await network.assign('203.0.113.11');
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    expect(await answered(site, 2)).toEqual({ [first]: 2 });
    await network.shutdown();
    await network.destroy();
    const before = await takeSnapshot(host);
    await network.applyBalancing([revoked(balancer(17, publicIp, []))]);
    expect(await takeSnapshot(host)).toEqual(before);
  });
});
