import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';

describe('exec: a command in the foreground, beside the daemon', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
  });
  afterAll(() => host?.destroy());

  test('what it adds stays when the daemon goes on', async () => {
    const outside = await attachInternet(host);
    const guest = await attachGuest(host, network, 10, 100);
    await guest.listenTcp(22);
    const options = network.forwardOptions({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: guest.address,
      privatePort: 22,
    });
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    await host.self.output('/usr/lib/cloudstack-netns/cloudstack-netns.js', 'exec', '--', 'add-port-forward', ...words);
    expect((await outside.tcp('203.0.113.10', 2222, { from: internet })).result).toBe('open');
    // The daemon knew nothing of it; its next transaction must not take it away.
    await network.addStaticNat('203.0.113.10', guest.address);
    await network.deleteStaticNat('203.0.113.10', guest.address);
    expect((await outside.tcp('203.0.113.10', 2222, { from: internet })).result).toBe('open');
  });
});
