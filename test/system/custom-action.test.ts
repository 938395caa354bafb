import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { patience } from '../host/patience.js';
import type { Listener } from '../host/probes.js';
import { takeSnapshot } from '../host/snapshot.js';
import { CustomActions } from './custom-actions.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';
import { Vpc } from './vpc.js';

describe('custom-action', () => {
  let host: TestHost;
  let network: Network;
  let actions: CustomActions;
  let guest: Endpoint;
  let outside: Endpoint;
  let listener: Listener;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    actions = new CustomActions(host, 42);
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.addPortForward({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: '10.1.1.10',
      privatePort: 22,
    });
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    listener = await outside.listenTcp(80);
  });
  afterAll(async () => {
    await listener?.close();
    await host?.destroy();
  });

  const inside = (...words: string[]) => host.self.output('ip', 'netns', 'exec', 'cs-net-42', ...words);

  describe('reboot-device', () => {
    /** How often the guest link has lost or found its carrier. */
    async function carrierChanges(): Promise<number> {
      const text = await host.self.output('ip', '-j', '-s', '-s', 'link', 'show', 'dev', 'vh-100-42');
      return Number(/"carrier_changes":([0-9]+)/.exec(text)?.[1]);
    }

    test('takes the guest link down and up; nothing in the namespace is lost, connections go on', async () => {
      await actions.perform('pbr-add-route', { table: '100', route: 'default via 10.1.1.254 dev vn-100-42' });
      await actions.perform('pbr-add-rule', { table: '100', rule: 'to 192.0.2.0/24' });
      const connection = await guest.connect(internet, 80);
      expect(connection.seen.peer).toBe('203.0.113.10');
      const state = async () => [
        await takeSnapshot(host),
        await inside('ip', 'rule', 'show'),
        await inside('ip', '-4', 'route', 'show', 'table', 'all'),
      ];
      const before = await state();
      const changes = await carrierChanges();
      const watch = await guest.watch('eth0');
      expect(await actions.perform('reboot-device')).toBe('reboot-device: OK (namespace=cs-net-42)\n');
      expect(await state()).toEqual(before);
      expect(await connection.exchange(patience(5_000))).toBe('answered');
      await connection.close();
      expect(await watch.announcements('10.1.1.1', 1, patience(3_000))).not.toEqual([]);
      await watch.close();
      expect(await carrierChanges()).toBeGreaterThanOrEqual(changes + 2);
      expect(await guest.ping('10.1.1.1')).toBe('answered');
      expect((await guest.tcp(internet, 80)).result).toBe('open');
    });

    test('of a tier bounces the link with the id of the VPC', async () => {
      const vpc = new Vpc(host, { id: 9, cidr: '10.9.0.0/16' });
      const tier = new Network(host, { id: 51, vlan: 101, prefix: '10.9.1', vpcId: 9 });
      await vpc.implement();
      await tier.implement();
      const ofTier = new CustomActions(host, 51, { host: '192.0.2.1', namespace: 'cs-vpc-9' });
      expect(await ofTier.perform('reboot-device')).toBe('reboot-device: OK (namespace=cs-vpc-9)\n');
      await tier.shutdown();
      expect(await ofTier.refusal('reboot-device')).toMatch(/network 51 has no guest link/);
      await tier.destroy();
      await vpc.shutdown();
    });
  });

  describe('dump-config', () => {
    test('tells addresses, bridge, rules and state, and no secret', async () => {
      for (const name of ['passwords', 'metadata/10.1.1.10/latest/user-data', 'haproxy/7.json']) {
        await host.writeFile(`${host.stateDirectory}/network-42/${name}`, 'SECRET-of-a-guest\n');
      }
      await host.self.output('ln', '-s', '/etc/passwd', `${host.stateDirectory}/network-42/gateway-link`);
      const text = await actions.perform('dump-config');
      expect(text).not.toContain('SECRET');
      expect(text).not.toContain('FAKE');
      for (const part of [
        '=== Namespace: cs-net-42 ===\n',
        '    inet 10.1.1.1/24 scope global\n',
        '    inet 203.0.113.10/24 scope global\n',
        '=== Host bridge: breth1-100 ===\n',
        '=== Host bridge: breth1-200 ===\n',
        '=== Ruleset ===\ntable ip cloudstack {\n',
        'CS_EXTNET_42_PR',
        `=== Per-network state (${host.stateDirectory}/network-42) ===\n`,
        '\nvlan: 100\n',
        '\ngateway: 10.1.1.1\n',
        '\ncidr: 10.1.1.0/24\n',
        '\nips/203.0.113.10: true\n',
        '\npasswords\n',
        '\nmetadata/10.1.1.10/latest/user-data\n',
        '\ngateway-link (no regular file)\n',
      ]) {
        expect(text).toContain(part);
      }
      expect(text).toMatch(/vh-100-42@if\d+: <LOWER_UP,UP,.*master breth1-100 veth\n/);
    });

    test('tells what is there, not what should be', async () => {
      await inside('nft', 'add', 'table', 'ip', 'operator');
      expect(await actions.perform('dump-config')).toContain('table ip operator {\n}\n');
      expect(await inside('nft', 'list', 'tables')).toContain('operator');
      await inside('nft', 'delete', 'table', 'ip', 'operator');
    });
  });

  test('list-firewall-rules is what nft lists', async () => {
    const lines = (text: string) => text.replace(/counter packets \d+ bytes \d+/g, 'counter').split('\n');
    const [ours, theirs] = [await actions.perform('list-firewall-rules'), await inside('nft', 'list', 'ruleset')];
    expect(lines(ours)).toEqual(lines(theirs));
  });

  test.each([
    'reboot-device',
    'dump-config',
    'list-firewall-rules',
    'pbr-list-tables',
    'pbr-list-routes',
    'pbr-list-rules',
  ])('%s on a network that is not there is refused, and makes nothing', async (action) => {
    const before = await takeSnapshot(host);
    expect(await new CustomActions(host, 77).refusal(action)).toMatch(/namespace cs-net-77 does not exist/);
    const parameters = { table: '100', id: '100', name: 'a', route: 'blackhole default', rule: 'to 192.0.2.1' };
    for (const change of [
      'pbr-create-table',
      'pbr-delete-table',
      'pbr-add-route',
      'pbr-delete-route',
      'pbr-add-rule',
      'pbr-delete-rule',
    ]) {
      expect(await new CustomActions(host, 77).refusal(change, parameters)).toMatch(
        /namespace cs-net-77 does not exist/,
      );
    }
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('answers although the ruleset was changed by others, and leaves it so', async () => {
    await inside('nft', 'delete', 'table', 'ip', 'cloudstack');
    expect(await actions.perform('list-firewall-rules')).toBe('');
    expect(await inside('nft', 'list', 'tables')).toBe('');
    await network.implement();
    expect(await actions.perform('list-firewall-rules')).toContain('table ip cloudstack {\n');
  });

  describe('a hook', () => {
    const hook = (name: string) => `${host.stateDirectory}/hooks/custom-action-${name}.sh`;
    const install = (name: string, script: string, mode = 0o755) => host.writeFile(hook(name), script, mode);

    test('that is not there is refused with the path that is expected', async () => {
      expect(await actions.refusal('collect-stats')).toContain(`expected ${hook('collect-stats')}`);
    });

    test('gets what was sent, and its output is the answer', async () => {
      await install('echo', '#!/bin/sh\nprintf "%s\\n" "$@"; echo problem >&2\n');
      const parameters =
        '{"newline":"a\\nb","umlaut":"ü","name":"\\u003cb\\u003e \\u0026 \\"y\\" \\u003d \\u0027z\\u0027","empty":""}';
      const answer = await actions.perform('echo', parameters);
      expect(answer).toContain(`--network-id\n42\n--action\necho\n--action-params\n${parameters}\n`);
      expect(answer).toContain('problem\n');
    });

    test('that fails is a failure with its output', async () => {
      await install('fail', '#!/bin/sh\necho out; exit 3\n');
      expect(await actions.ask('fail')).toMatchObject({
        exit: 3,
        stdout: 'out\n',
        stderr: `cloudstack-netns: custom-action: fail: hook ${hook('fail')} ended with exit code 3\n`,
      });
    });

    test('may call our commands about the same network', async () => {
      await install('call', `#!/bin/sh\n${host.wrapper} custom-action --network-id 42 --action pbr-list-rules\n`);
      const begin = performance.now();
      expect(await actions.perform('call')).toContain('lookup main\n');
      expect(performance.now() - begin).toBeLessThan(patience(5_000));
    });

    test('keeps nobody waiting: not the network, not the caller once it has ended', async () => {
      await install('slow', '#!/bin/sh\nsleep 2; echo slow; sleep 60 &\n');
      const slow = actions.perform('slow');
      const begin = performance.now();
      await network.implement();
      expect(performance.now() - begin).toBeLessThan(patience(1_500));
      expect(await slow).toBe('slow\n');
      expect(performance.now() - begin).toBeLessThan(patience(10_000));
    });

    test('that others could have written is refused', async () => {
      await install('open', '#!/bin/sh\necho run\n', 0o777);
      expect(await actions.refusal('open')).toMatch(/can be written by others than root/);
      await host.self.output('ln', '-s', '/bin/true', hook('link'));
      expect(await actions.refusal('link')).toMatch(/no regular file/);
    });

    test('cannot take the place of an action that is built in', async () => {
      await install('dump-config', '#!/bin/sh\necho hook\n');
      expect(await actions.perform('dump-config')).not.toContain('hook\n');
    });
  });

  test('parameters are not in the log', async () => {
    await actions.ask('no-such-action', { password: 'FAKE-parameter' });
    expect(
      Object.values(await host.tree(host.logFile))
        .map((entry) => entry.content)
        .join(),
    ).not.toContain('FAKE');
  });
});
