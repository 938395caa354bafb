import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { briefly, patience, timeFactor } from '../host/patience.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, daemons, internet } from './scene.js';

const twenty = Array.from({ length: 20 }, (_, index) => index);

describe('parallel calls', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, ...twenty.map((index) => 300 + index)] });
    network = new Network(host, { id: 42, vlan: 100 });
  });
  afterAll(() => host?.destroy());

  test('20 first calls start one daemon and make 20 networks', async () => {
    const networks = twenty.map(
      (index) => new Network(host, { id: 300 + index, vlan: 300 + index, prefix: `10.3.${index}` }),
    );
    await Promise.all(networks.map((one) => one.implement()));
    expect(await host.namespaces()).toHaveLength(20);
    const guest = await attachGuest(host, networks[7] ?? network, 10, 307);
    expect(await guest.ping('10.3.7.1')).toBe('answered');
    expect(await daemons(host)).toHaveLength(1);
    await Promise.all(networks.map((one) => one.shutdown()));
    await Promise.all(networks.map((one) => one.destroy()));
    expect(await host.namespaces()).toEqual([]);
  });

  test('the same network 20 times at once', async () => {
    await Promise.all(twenty.map(() => network.implement()));
    expect(await network.inside.addresses()).toMatchObject({ 'vn-100-42': ['10.1.1.1/24'] });
    expect(await host.namespaces()).toEqual(['cs-net-42']);
    await Promise.all(twenty.map(() => network.assign('203.0.113.10', { sourceNat: true })));
    expect((await network.inside.addresses())['vpn-200-42']).toEqual(['203.0.113.10/24']);
  });

  test('20 port forwards of one network, each with its own answer', async () => {
    const forward = (index: number) => ({
      publicIp: '203.0.113.10',
      publicPort: 2000 + index,
      privateIp: '10.1.1.10',
      privatePort: 22,
    });
    // One bad one among them fails, and only that one.
    const bad = host.call('add-port-forward', network.forwardOptions({ ...forward(0), publicPort: 70000 }));
    const answers = await Promise.all([
      bad,
      ...twenty.map((index) => host.call('add-port-forward', network.forwardOptions(forward(index)))),
    ]);
    expect(answers.map((answer) => answer.exit)).toEqual([1, ...twenty.map(() => 0)]);
    const outside = await attachInternet(host);
    const guest = await attachGuest(host, network, 10, 100);
    await guest.listenTcp(22);
    for (const index of [0, 11, 19])
      expect((await outside.tcp('203.0.113.10', 2000 + index, { from: internet })).result).toBe('open');
    await Promise.all(twenty.map((index) => network.deletePortForward(forward(index))));
    for (const index of [0, 11, 19])
      expect((await outside.tcp('203.0.113.10', 2000 + index, { from: internet, ...briefly })).result).not.toBe('open');
    expect(Object.keys(await host.state()).filter((path) => path.includes('port-forward/'))).toEqual([]);
  });

  test('waits for the lock of the shell wrapper, which may be on the same host', async () => {
    const lock = `${host.stateDirectory}/lock-network-42`;
    const program = 'exec 9>"$1"; flock 9; sleep "$2"';
    const holder = host.self.run(['sh', '-c', program, 'sh', lock, String(timeFactor)]);
    const isHeld = async () => (await host.self.run(['flock', '--nonblock', lock, 'true'])).exit !== 0;
    expect(await host.self.eventually(isHeld)).toBe(true);
    const free = new Network(host, { id: 300, vlan: 300, prefix: '10.3.0' });
    const other = await free.implement();
    const waited = await network.implement();
    expect((await holder).exit).toBe(0);
    expect(waited.milliseconds).toBeGreaterThan(300);
    expect(waited.milliseconds).toBeLessThan(patience(5000));
    expect(other.milliseconds).toBeLessThan(waited.milliseconds);
    await free.destroy();
  });
});
