import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callDirectory, readCallFile } from '../../host/call-file.js';
import type { TestHost } from '../../host/host.js';
import { ManagementServer } from '../../host/management-server.js';
import { SshServer, sshHosts } from '../../host/ssh-server.js';
import { Network } from '../network.js';
import { createHost } from '../scene.js';
import { Vpc } from '../vpc.js';

describe('through the management server', () => {
  let host: TestHost;
  let management: ManagementServer;

  beforeAll(async () => {
    host = await createHost();
    management = await ManagementServer.install(host, await SshServer.start(host));
    host.callThrough(await management.resident());
  });
  afterAll(() => host?.destroy());

  test('networks and VPCs end in every order, and each call says nothing', async () => {
    const alone = new Network(host, { id: 42, vlan: 100 });
    const vpc = new Vpc(host, { id: 9, cidr: '10.9.0.0/16' });
    const tiers = [101, 102].map((vlan) => new Network(host, { id: vlan, vlan, prefix: `10.9.${vlan}`, vpcId: 9 }));
    const orders: readonly (readonly (() => Promise<unknown>)[])[] = [
      [() => alone.shutdown(), () => alone.release('203.0.113.10'), () => alone.destroy()],
      [() => alone.destroy()],
      [() => alone.destroy(), () => alone.shutdown(''), () => alone.release('203.0.113.10')],
      [() => vpc.shutdown(), ...tiers.map((tier) => () => tier.destroy()), () => vpc.shutdown()],
      [...tiers.map((tier) => () => tier.destroy()), () => vpc.shutdown()],
      [...tiers.flatMap((tier) => [() => tier.shutdown(), () => tier.destroy()]), () => vpc.shutdown()],
    ];
    for (const [index, order] of orders.entries()) {
      if (index < 3) {
        await alone.implement();
        await alone.assign('203.0.113.10', { sourceNat: true });
      } else {
        await vpc.implement('203.0.113.20');
        for (const tier of tiers) await tier.implement();
      }
      for (const call of order) await call();
      expect(await host.namespaces(), `order ${index}`).toEqual([]);
      expect(Object.keys(await host.state()), `order ${index}`).toEqual([]);
    }
  });

  test('commands that no recorded sequence holds say nothing but their answer', async () => {
    const network = new Network(host, { id: 43, vlan: 100 });
    const vpc = new Vpc(host, { id: 8, cidr: '10.8.0.0/16' });
    await network.implement();
    await network.configure('dhcp');
    await network.addDnsEntry('10.1.1.10', 'web');
    await network.removeDnsEntry('10.1.1.10');
    await network.removeSubnet('dhcp');
    await host.perform('save-hypervisor-hostname', {
      ...network.guestOptions('10.1.1.10'),
      'hypervisor-hostname': 'kvm1',
    });
    await vpc.implement();
    await vpc.destroy();
    const action = { 'network-id': 43, action: 'pbr-list-tables', 'action-params': '{}' };
    await host.call('custom-action', {
      ...action,
      action: 'pbr-create-table',
      'action-params': '{"id":"100","name":"a"}',
    });
    expect(await host.call('custom-action', action)).toMatchObject({ exit: 0, stdout: '100 a\n', stderr: '' });
    const details = {
      'physical-network-extension-details': management.details(),
      'network-extension-details': { host: sshHosts[0] },
    };
    const payload = JSON.stringify({
      ...details,
      ...{ network_id: '43', action: 'pbr-list-tables', 'action-params': {} },
    });
    const answer = await host.callRaw(['custom-action', '@payload', '60'], { '@payload': payload });
    expect(answer).toMatchObject({ exit: 0, stderr: '' });
    expect(JSON.parse(answer.stdout)).toMatchObject({ status: 'success', message: [{ id: '100', name: 'a' }] });
    const unknown = await host.call('brew-tea', { 'network-id': 43 });
    expect(unknown).toMatchObject({ exit: 3, stdout: '', stderr: 'cloudstack-netns: unknown command "brew-tea"\n' });
    await network.destroy();
  });

  test('what the upstream smoke test looks for on the host of a dual-stack network is there (CONTRACT §7, 11)', async () => {
    const { calls } = await readCallFile(join(callDirectory, 'dual-stack.gen2.json'));
    await host.wire.prepare([1250, 101].map((vlan) => ({ device: 'eth1', vlan })));
    const name = calls.findIndex(({ argv: [command] }) => command === 'add-dns-entry');
    for (const { argv, files } of calls.slice(0, name + 1))
      expect(await host.callRaw(argv, files ?? {})).toMatchObject({ exit: 0, stdout: '', stderr: '' });
    const found = await host.self.output('sh', '-c', 'cat /var/lib/cloudstack/*/network-*/ip6-gateway');
    expect(found.trim()).toBe('2001:db8:50:1::1');
    expect(await host.self.output('ip', 'netns', 'list')).toMatch(/^cs-net-250\b/m);
    expect(await host.self.output('ip', 'netns', 'exec', 'cs-net-250', 'ip', '-6', 'addr', 'show')).toContain(
      '2001:db8:50:1::1/64',
    );
    const radvd = `${host.stateDirectory}/network-250/radvd`;
    const configuration = await host.self.output('cat', `${radvd}/radvd.conf`);
    for (const part of ['AdvSendAdvert on', 'AdvAutonomous on', '/64']) expect(configuration).toContain(part);
    const pid = (await host.self.output('cat', `${radvd}/radvd.pid`)).trim();
    expect((await host.self.run(['kill', '-0', pid])).exit).toBe(0);
  });
});
