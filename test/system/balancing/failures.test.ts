import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../host/endpoint.js';
import type { TestHost } from '../../host/host.js';
import { patience, timeFactor } from '../../host/patience.js';
import { eventually } from '../eventually.js';
import { ask } from '../guest-http.js';
import { Network } from '../network.js';
import { attachGuest, attachInternet, createHost, daemons, internet } from '../scene.js';
import { kill, processesNamed, servicePid } from '../service-processes.js';
import { balancer, load, revoked, startWebServer } from './web.js';

const publicIp = '203.0.113.10';
const [first, second, third] = ['10.1.1.10', '10.1.1.11', '10.1.1.12'] as const;

describe('a load balancer', () => {
  let host: TestHost;
  let network: Network;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign(publicIp, { sourceNat: true });
    outside = await attachInternet(host);
    for (const last of [10, 11, 12]) await startWebServer(await attachGuest(host, network, last, 100));
    await network.applyBalancing([balancer(17, publicIp, [first, second])]);
  });
  afterAll(() => host?.destroy());

  const serves = async () => (await ask(outside, `http://${publicIp}/`, ['--interface', internet])).status === 200;
  const servesAgain = () => eventually(serves, (answer) => answer, 5_000);
  /** Any call starts a daemon. */
  const startDaemon = () => host.perform('destroy-network', { 'network-id': 7, vlan: '' });
  const killDaemons = async () => {
    for (const daemon of await daemons(host)) await kill(host, daemon);
  };

  test('loses no request of 10,000 while its rules change 20 times, and guests come and go 20 times', async () => {
    const requests = Math.ceil(10_000 / timeFactor);
    const other = balancer(18, publicIp, [third], { publicPort: 81 });
    const pids = new Set<number | undefined>();
    const end = '/run/load-may-end';
    const loading = load(outside, `${publicIp}:80`, requests, internet, end);
    for (let changes = 0; changes < 20; changes++) {
      // Another rule comes or goes: a new process takes over.
      await network.applyBalancing([changes % 2 === 0 ? other : revoked(other)]);
      pids.add(await servicePid(host, network, 'haproxy'));
      // A third guest comes or goes: the running process is told.
      await network.applyBalancing([
        balancer(17, publicIp, changes % 2 === 0 ? [first, second, third] : [first, second]),
      ]);
    }
    await host.writeFile(end, '');
    const { failures, answers, requests: asked } = await loading;
    expect(failures).toEqual({});
    expect(asked).toBeGreaterThanOrEqual(requests);
    expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(asked);
    expect(Object.keys(answers).sort()).toEqual([first, second, third]);
    expect(pids.size).toBe(20);
    // The processes before have nothing more to do.
    const left = await eventually(
      () => processesNamed(host, 'haproxy'),
      (found) => found.length === 1,
    );
    expect(left).toEqual([await servicePid(host, network, 'haproxy')]);
  });

  test('runs again within 5 s after kill -9', async () => {
    const pid = await servicePid(host, network, 'haproxy');
    await kill(host, pid ?? '');
    expect(await servesAgain()).toBe(true);
    expect(await servicePid(host, network, 'haproxy')).not.toBe(pid);
    const status = await eventually(
      () => host.self.output(host.program, 'status'),
      (text) => /haproxy/.test(text),
    );
    expect(status).toMatch(/haproxy/);
  });

  test("serves on without the daemon, and is the next one's", async () => {
    const pid = await servicePid(host, network, 'haproxy');
    await killDaemons();
    expect(await serves()).toBe(true);
    await startDaemon();
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    await network.applyBalancing([balancer(17, publicIp, [third])]);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    expect((await load(outside, `${publicIp}:80`, 4, internet)).answers).toEqual({ [third]: 4 });
    await killDaemons();
    await kill(host, pid ?? '');
    expect(await serves()).toBe(false);
    await startDaemon();
    expect(await servesAgain()).toBe(true);
  });

  test('follows files that a daemon wrote and died before it could say so', async () => {
    const path = `${host.stateDirectory}/network-42/haproxy/haproxy.cfg`;
    const answering = async () => Object.keys((await load(outside, `${publicIp}:80`, 4, internet)).answers).sort();
    const becomes = (expected: readonly string[]) =>
      eventually(answering, (found) => JSON.stringify(found) === JSON.stringify(expected));
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    const pid = await servicePid(host, network, 'haproxy');
    await killDaemons();
    const text = await host.self.output('cat', path);
    await host.writeFile(path, text.replaceAll(first, second));
    await startDaemon();
    expect(await becomes([second])).toEqual([second]);
    expect(await servicePid(host, network, 'haproxy')).toBe(pid);
    await killDaemons();
    await host.writeFile(path, text.replace('balance roundrobin', 'balance leastconn'));
    await startDaemon();
    expect(await becomes([first])).toEqual([first]);
    await eventually(
      () => servicePid(host, network, 'haproxy'),
      (found) => found !== pid,
    );
    expect(await servicePid(host, network, 'haproxy')).not.toBe(pid);
  });

  test('goes on as it was when haproxy cannot start with what is new', async () => {
    await network.applyBalancing([balancer(17, publicIp, [first])]);
    const taken = await network.inside.listenTcp(82, publicIp);
    const before = await host.state();
    const rules = [balancer(18, publicIp, [second], { publicPort: 82 })];
    const outcome = await host.call('apply-lb-rules', network.balancingOptions(rules));
    expect(outcome).toMatchObject({ exit: 1, stdout: '' });
    expect(outcome.stderr).toContain('Address already in use');
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    const ownFiles = (files: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(files).filter(([name]) => !/\.(pid|process)$/.test(name)));
    expect(ownFiles(await host.state())).toEqual(ownFiles(before));
    expect((await load(outside, `${publicIp}:80`, 4, internet)).answers).toEqual({ [first]: 4 });
    await taken.close();
    await network.applyBalancing(rules);
    expect((await load(outside, `${publicIp}:82`, 4, internet)).answers).toEqual({ [second]: 4 });
    await network.applyBalancing(rules.map(revoked));
  });

  test('serves what was answered, however often daemon and haproxy are killed meanwhile', async () => {
    let isOver = false;
    let answered: readonly string[] = [first];
    const killing = (async () => {
      for (let round = 0; !isOver; round++) {
        await setTimeout(patience(60 + ((round * 37) % 90)));
        if (round % 2 === 0) for (const daemon of await daemons(host)) await host.self.run(['kill', '-9', daemon]);
        else for (const pid of await processesNamed(host, 'haproxy')) await host.self.run(['kill', '-9', String(pid)]);
      }
    })();
    for (let round = 0; round < 20; round++) {
      const wanted = [[first], [second], [first, third]][round % 3] ?? [];
      const algorithm = round % 2 === 0 ? 'roundrobin' : 'leastconn';
      const options = network.balancingOptions([balancer(17, publicIp, wanted, { algorithm })]);
      const outcome = await host.call('apply-lb-rules', options);
      if (outcome.exit === 0) answered = wanted;
    }
    isOver = true;
    await killing;
    await network.applyBalancing([balancer(17, publicIp, answered)]);
    expect(await servesAgain()).toBe(true);
    const { answers } = await load(outside, `${publicIp}:80`, 10, internet);
    expect(Object.keys(answers).sort()).toEqual([...answered].sort());
    expect(await processesNamed(host, 'haproxy')).toEqual([await servicePid(host, network, 'haproxy')]);
  });

  test('moves into a namespace that was made anew', async () => {
    await host.self.output('ip', 'netns', 'delete', 'cs-net-42');
    await network.implement();
    expect(await processesNamed(host, 'haproxy')).toEqual([await servicePid(host, network, 'haproxy')]);
    expect(await servesAgain()).toBe(true);
  });

  test('is taken over from the shell wrapper, with its files', async () => {
    await network.applyBalancing([revoked(balancer(17, publicIp, []))]);
    await killDaemons();
    const directory = `${host.stateDirectory}/network-42/haproxy`;
    await host.self.output('mkdir', directory);
    const rule = { ...balancer(21, publicIp, [first]), protocol: 'TCP' };
    await host.writeFile(`${directory}/21.json`, JSON.stringify(rule));
    await host.writeFile(`${directory}/22.json`, JSON.stringify({ ...rule, id: 22, publicPort: 53, protocol: 'udp' }));
    const configuration = [
      'global',
      '    daemon',
      '    maxconn 4096',
      '    log /dev/log local0',
      `    stats socket ${directory}/haproxy.sock mode 660 level admin`,
      `    pidfile ${directory}/haproxy.pid`,
      'defaults',
      '    mode tcp',
      '    timeout connect 5s',
      '    timeout client  50s',
      '    timeout server  50s',
      'frontend cs_lb_21_front',
      `    bind ${publicIp}:80`,
      '    default_backend cs_lb_21_back',
      'backend cs_lb_21_back',
      '    balance roundrobin',
      `    server backend_21_0 ${first}:8080 check`,
      '',
    ].join('\n');
    await host.writeFile(`${directory}/haproxy.cfg`, configuration);
    const argv = ['haproxy', '-f', `${directory}/haproxy.cfg`, '-p', `${directory}/haproxy.pid`];
    expect((await network.inside.run(argv)).exit).toBe(0);
    const theirs = await servicePid(host, network, 'haproxy');
    await network.applyBalancing([
      { ...rule, backends: [...rule.backends, { ip: second, port: 8080, revoked: false }] },
    ]);
    expect(await servicePid(host, network, 'haproxy')).not.toBe(theirs);
    expect(Object.keys((await load(outside, `${publicIp}:80`, 10, internet)).answers).sort()).toEqual([first, second]);
    const left = await eventually(
      () => processesNamed(host, 'haproxy'),
      (found) => found.length === 1,
    );
    expect(left).toHaveLength(1);
    await network.applyBalancing([revoked(rule), revoked({ ...rule, id: 22 })]);
    expect(await processesNamed(host, 'haproxy')).toEqual([]);
  });
});
