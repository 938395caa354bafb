import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../../host/host.js';
import { ManagementServer } from '../../host/management-server.js';
import { SshServer } from '../../host/ssh-server.js';
import { Network } from '../network.js';
import { createHost } from '../scene.js';
import { Vpc } from '../vpc.js';

describe('through the management server', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await createHost();
    const management = await ManagementServer.install(host, await SshServer.start(host));
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
});
