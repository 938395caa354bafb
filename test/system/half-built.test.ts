import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, daemons, internet } from './scene.js';

/** A network that something or somebody damaged is completed by the same commands sent again. */
describe('a half-built network is completed', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101, 102, 103] });
    network = new Network(host, { id: 42, vlan: 100 });
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    await outside.listenTcp(80);
    await guest.listenTcp(22);
    await build();
  });
  afterAll(() => host?.destroy());

  async function build(): Promise<void> {
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.assign('203.0.113.11');
    await network.addStaticNat('203.0.113.11', '10.1.1.10');
    await network.addPortForward({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: '10.1.1.10',
      privatePort: 22,
    });
  }

  async function works(): Promise<void> {
    expect(await guest.ping('10.1.1.1')).toBe('answered');
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.11' } });
    expect(await outside.tcp('203.0.113.11', 22, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.1.1.10' },
    });
    expect(await outside.tcp('203.0.113.10', 2222, { from: internet })).toMatchObject({
      result: 'open',
      seen: { local: '10.1.1.10' },
    });
  }

  const onHost = (...commands: string[]) => host.self.ipBatch(commands.map((command) => command.split(' ')));
  const inside = (...commands: string[]) => network.inside.ipBatch(commands.map((command) => command.split(' ')));

  const damages: [string, () => Promise<unknown>][] = [
    ['the guest bridge is down', () => onHost('link set breth1-100 down')],
    ['the VLAN interface is down and out of the bridge', () => onHost('link set eth1.100 nomaster down')],
    ['the veth is out of the bridge and down', () => onHost('link set vh-100-42 nomaster down')],
    ['the guest veth is gone', () => onHost('link delete vh-100-42')],
    ['the bridge is gone', () => onHost('link delete breth1-100')],
    ['the gateway address is missing', () => inside('address flush dev vn-100-42')],
    ['the namespace end is down', () => inside('link set vn-100-42 down')],
    ['lo is down', () => inside('link set lo down')],
    ['forwarding is off', () => network.inside.output('sysctl', '-q', '-w', 'net.ipv4.ip_forward=0')],
    ['the public bridge is down', () => onHost('link set breth1-200 down')],
    ['the public veth is gone', () => onHost('link delete vph-200-42')],
    ['the public address is missing', () => inside('address delete 203.0.113.10/24 dev vpn-200-42')],
    ['the public end is down', () => inside('link set vpn-200-42 down')],
    ['the default route is missing', () => inside('route delete default')],
    ['the rules are gone', () => network.inside.output('nft', 'flush', 'ruleset')],
    ['the namespace is gone, the state is not', () => host.self.output('ip', 'netns', 'delete', 'cs-net-42')],
  ];

  test.each(damages)('%s', async (_, damage) => {
    // What one damage left behind must not fail the tests of the others.
    onTestFailed(async () => {
      await network.shutdown();
      await build();
    });
    const before = await takeSnapshot(host);
    await damage();
    expect(await takeSnapshot(host)).not.toEqual(before);
    await build();
    expect(await takeSnapshot(host)).toEqual(before);
    await works();
  });

  test('the daemon was killed: the next call starts one, and nothing is lost', async () => {
    const before = await takeSnapshot(host);
    await killDaemons();
    await network.implement();
    expect(await takeSnapshot(host)).toEqual(before);
    await works();
    await killDaemons();
    await network.deletePortForward({
      publicIp: '203.0.113.10',
      publicPort: 2222,
      privateIp: '10.1.1.10',
      privatePort: 22,
    });
    expect((await outside.tcp('203.0.113.10', 2222, { from: internet, ...briefly })).result).not.toBe('open');
    await build();
    expect(await takeSnapshot(host)).toEqual(before);
  });

  async function killDaemons(): Promise<void> {
    const pids = await daemons(host);
    expect(pids).toHaveLength(1);
    await host.self.output('kill', '-9', ...pids);
  }

  test('veth ends that were never moved, in a namespace somebody else made', async () => {
    const early = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    await host.self.output('ip', 'netns', 'add', 'cs-net-43');
    await onHost(
      'link add vh-101-43 type veth peer name vn-101-43',
      'link add vph-200-43 type veth peer name vpn-200-43',
    );
    await early.implement();
    await early.assign('203.0.113.20', { sourceNat: true });
    const names = (await host.self.links()).map((link) => link.ifname);
    expect(names).not.toContain('vn-101-43');
    expect(names).not.toContain('vpn-200-43');
    const user = await attachGuest(host, early, 10, 101);
    expect(await user.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.20' } });
    await early.shutdown();
    await early.destroy();
  });

  test('a file in /run/netns that is no namespace, as a reboot or crash can leave it', async () => {
    const early = new Network(host, { id: 44, vlan: 102, prefix: '10.1.3' });
    await host.writeFile('/run/netns/cs-net-44', '');
    await early.implement();
    expect(await early.inside.addresses()).toMatchObject({ 'vn-102-44': ['10.1.3.1/24'] });
    await early.destroy();
  });
});
