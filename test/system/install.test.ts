import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestHost } from '../host/host.js';
import { Network } from './network.js';
import { daemons, trimmed } from './scene.js';

describe('the installed program', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.create({ guestVlans: [100, 101] });
  });
  afterAll(() => host?.destroy());

  const stat = async (path: string) => (await host.self.output('stat', '-c', '%a %F', path)).trim();

  test('lies where CloudStack looks for it, is small, and can be installed again', async () => {
    await host.install();
    await host.install();
    expect(await stat(host.wrapper)).toBe('755 regular file');
    expect(Number(await host.self.output('stat', '-c', '%s', host.wrapper))).toBeLessThan(1_500_000);
    const libraries = await host.self.run(['ldd', host.wrapper]);
    expect(libraries.stdout + libraries.stderr).toMatch(/not a dynamic executable|statically linked/);
    expect(await stat('/usr/lib/cloudstack-netns/cloudstack-netns.cache')).toBe('644 regular file');
  });

  test('starts a daemon with the first call, for root only', async () => {
    await new Network(host, { id: 42, vlan: 100 }).implement();
    expect(await daemons(host)).toHaveLength(1);
    expect(await stat('/run/cloudstack-netns')).toBe('700 directory');
    expect(await stat('/run/cloudstack-netns/daemon.sock')).toBe('600 socket');
  });

  test('under a second name: state of its own, the same daemon', async () => {
    await host.install('second-extension');
    await new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' }).implement();
    expect(await daemons(host)).toHaveLength(1);
    expect(Object.keys(trimmed(await host.state()))).toContain('network-43/vlan');
    const first = Object.keys(await host.tree('/var/lib/cloudstack/network-namespace'));
    expect(first).toContain('/var/lib/cloudstack/network-namespace/network-42/vlan');
    expect(first).not.toContain('/var/lib/cloudstack/network-namespace/network-43/vlan');
    expect(Object.keys(await host.tree('/var/log/cloudstack'))).toContain(host.logFile);
  });

  test('with --root: everything below that directory, nothing outside', async () => {
    const paths = [
      '/etc/cloudstack',
      '/etc/systemd',
      '/usr/lib/systemd/system',
      '/usr/lib/cloudstack-netns',
      '/var/lib/cloudstack',
    ];
    const before = await host.tree(...paths);
    const root = '/run/package-root';
    const argv = [host.program, 'install', '--name', 'packaged', '--root', root];
    expect(await host.self.run(argv)).toMatchObject({ exit: 0 });
    expect(await stat(`${root}/etc/cloudstack/extensions/packaged/packaged-wrapper.sh`)).toBe('755 regular file');
    expect(await host.tree(...paths)).toEqual(before);
  });

  test('an unusable name is refused', async () => {
    const outcome = await host.self.run([host.program, 'install', '--name', '../elsewhere']);
    expect(outcome.exit).toBe(1);
    expect(outcome.stderr).toContain('../elsewhere');
  });
});
