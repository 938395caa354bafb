import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { eventually } from './eventually.js';
import { ask, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { attachGuest, createHost, daemons } from './scene.js';
import { kill } from './service-processes.js';
import { shellServerDirectory, startApache, startPasswordServer } from './shell-servers.js';

describe('the HTTP servers that the shell wrapper has left running', () => {
  let host: TestHost;
  let network: Network;
  let other: Network;
  let guest: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101] });
    network = new Network(host, { id: 42, vlan: 100 });
    other = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    await network.implement();
    await other.implement();
    guest = await attachGuest(host, network, 10, 100);
    await network.saveVmData('10.1.1.10', [entry('metadata', 'instance-id', 'one')]);
    await network.savePassword('10.1.1.10', 'secret');
  });
  afterAll(() => host?.destroy());

  beforeEach(async () => {
    for (const daemon of await daemons(host)) {
      await kill(host, daemon);
      // Until then its sockets are there.
      expect(await host.self.eventually(async () => !(await isAlive(daemon)))).toBe(true);
    }
  });

  /** Any call starts a daemon. */
  const startDaemon = () => host.perform('destroy-network', { 'network-id': 7, vlan: '' });
  const isAlive = async (pid: string) => (await host.self.run(['kill', '-0', pid])).exit === 0;
  /** Killed with -9 it would leave its children. */
  const endApache = async (pid: string) => {
    await host.self.output('kill', pid);
    expect(await host.self.eventually(async () => !(await isAlive(pid)))).toBe(true);
  };
  const instance = () => ask(guest, 'http://10.1.1.1/latest/meta-data/instance-id');
  const password = () => askPassword(guest, '10.1.1.1', 'send_my_password');
  const serves = async () => (await instance()).body === 'one' && (await password()) === 'secret';

  test('are ended by their pid files, and the daemon serves in their place', async () => {
    const apache = await startApache(network, network.inside);
    const python = await startPasswordServer(network, network.inside);
    expect((await instance()).headers).toContain('Apache');
    expect(await password()).toBe('of python');
    await startDaemon();
    expect(await eventually(serves, (yes) => yes)).toBe(true);
    expect(await isAlive(apache)).toBe(false);
    expect(await isAlive(python)).toBe(false);
    // Nor are Apache's children left.
    expect((await network.inside.output('ss', '-ltnpH')).match(/apache2|python/)).toBeNull();
    const files = Object.keys(await host.state());
    expect(files).not.toContain('network-42/apache2/apache2.pid');
    expect(files).not.toContain('network-42/passwd-server.pid');
    expect(await host.self.output('cat', '/run/cloudstack-netns/daemon.stderr')).toContain(
      `cs-net-42: the shell wrapper's apache2 (process ${apache}) was ended`,
    );
  });

  test('go on if they are another network’s, whatever number a pid file holds', async () => {
    const apache = await startApache(other, other.inside);
    await host.writeFile(`${shellServerDirectory(network)}/apache2/apache2.pid`, `${apache}\n`);
    await host.writeFile(`${shellServerDirectory(network)}/passwd-server.pid`, apache);
    await startDaemon();
    expect(await eventually(serves, (yes) => yes)).toBe(true);
    expect(await isAlive(apache)).toBe(true);
    const stranger = await attachGuest(host, other, 10, 101);
    expect((await ask(stranger, 'http://10.1.2.1/')).headers).toContain('Apache');
    await stranger.remove();
    await endApache(apache);
  });

  test('go on if they are in another namespace, though they have the network’s files', async () => {
    const apache = await startApache(network, host.self, '127.0.0.1');
    await startDaemon();
    expect(await eventually(serves, (yes) => yes)).toBe(true);
    expect(await isAlive(apache)).toBe(true);
    await endApache(apache);
  });

  test('are not taken for another program in the namespace, which has got the number of one that ended', async () => {
    const pid = (await network.inside.output('sh', '-c', 'sleep 600 </dev/null >/dev/null 2>&1 & echo $!')).trim();
    await host.writeFile(`${shellServerDirectory(network)}/apache2/apache2.pid`, `${pid}\n`);
    await startDaemon();
    expect(await eventually(serves, (yes) => yes)).toBe(true);
    expect(await isAlive(pid)).toBe(true);
    await kill(host, pid);
  });

  test('are ended by the command that brings the first user data of a network', async () => {
    await startDaemon();
    const apache = await startApache(other, other.inside);
    await other.savePassword('10.1.2.10', 'x');
    expect(await isAlive(apache)).toBe(false);
    const stranger = await attachGuest(host, other, 10, 101);
    expect(await askPassword(stranger, '10.1.2.1', 'send_my_password')).toBe('x');
    expect((await ask(stranger, 'http://10.1.2.1/latest/')).status).toBe(404);
  });
});
