import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { CommandOptions, TestHost } from '../host/host.js';
import type { Outcome } from '../host/outcome.js';
import { timeFactor } from '../host/patience.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, daemons, internet } from './scene.js';
import { kill } from './service-processes.js';

describe('batch: many commands at once', () => {
  let host: TestHost;
  let network: Network;
  let neighbour: Network;
  let outside: Endpoint;
  let guest: Endpoint;

  const program = '/usr/lib/cloudstack-netns/cloudstack-netns.js';
  const directory = mkdtempSync(join(tmpdir(), 'csn-batch-'));

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    neighbour = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    outside = await attachInternet(host);
  });
  afterAll(async () => {
    await host?.destroy();
    rmSync(directory, { recursive: true });
  });

  const objectOf = (command: string, options: CommandOptions) => JSON.stringify({ command, ...options });
  const publicIp = '203.0.113.10';
  const forward = (publicPort: number, own = network, address = publicIp) =>
    own.forwardOptions({ publicIp: address, publicPort, privateIp: `${own.prefix}.10`, privatePort: 22 });
  const reaches = async (port: number) => (await outside.tcp(publicIp, port, { from: internet })).result;

  /** The program with a file of these lines. */
  async function batch(lines: readonly string[], ...options: readonly string[]): Promise<Outcome> {
    const file = join(directory, 'commands');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return host.self.run([program, 'batch', ...options, file]);
  }

  test('two networks from nothing, in both forms of a line, with the first daemon', async () => {
    const { exit, stdout, stderr } = await batch([
      '# what CloudStack would send one by one',
      objectOf('implement-network', network.implementOptions()),
      objectOf('implement-network', neighbour.implementOptions()),
      objectOf('assign-ip', network.addressOptions(publicIp, { sourceNat: true })),
      JSON.stringify(host.callArguments('add-port-forward', forward(2201))),
      host
        .callArguments('add-port-forward', forward(2202))
        .map((word) => `'${word}'`)
        .join(' '),
    ]);
    expect([exit, stderr]).toEqual([0, expect.stringMatching(/^5 commands in .* 5 done, 0 failed\n$/)]);
    expect(stdout.trim().split('\n').sort()).toEqual([
      '2 ok implement-network network=42',
      '3 ok implement-network network=43',
      '4 ok assign-ip network=42',
      '5 ok add-port-forward network=42',
      '6 ok add-port-forward network=42',
    ]);
    guest = await attachGuest(host, network, 10, 100);
    await guest.listenTcp(22);
    expect([await reaches(2201), await reaches(2202)]).toEqual(['open', 'open']);
  });

  test('one that fails does not keep the others from being done', async () => {
    const { exit, stdout } = await batch([
      objectOf('add-port-forward', forward(2203)),
      objectOf('add-port-forward', { ...forward(2204), 'public-port': 70_000 }),
      '{"command": "add-port-forward", ',
      // A range that overlaps the one before: known only when that one is there.
      objectOf('add-port-forward', { ...forward(0), 'public-port': '3000-3010', 'private-port': '4000-4010' }),
      objectOf('add-port-forward', { ...forward(0), 'public-port': '3005-3015', 'private-port': '4005-4015' }),
      objectOf('add-port-forward', forward(2205)),
    ]);
    expect(exit).toBe(1);
    const failed = stdout.split('\n').filter((line) => line.includes('failed'));
    expect(failed.sort()).toEqual([
      expect.stringMatching(/^2 failed add-port-forward: add-port-forward: --public-port "70000"/),
      expect.stringMatching(/^3 failed: is no JSON/),
      expect.stringMatching(
        /^5 failed add-port-forward network=42: add-port-forward: --public-port "3005-3015": overlaps/,
      ),
    ]);
    expect([await reaches(2203), await reaches(2204), await reaches(2205)]).toEqual(['open', 'refused', 'open']);
  });

  test('all or nothing is per namespace', async () => {
    const before = await host.state();
    const { exit, stdout } = await batch(
      [
        objectOf('add-port-forward', forward(2206)),
        objectOf('add-port-forward', { ...forward(0), 'public-port': '3005-3015', 'private-port': '4005-4015' }),
        objectOf('delete-port-forward', forward(2201)),
        objectOf('assign-ip', neighbour.addressOptions('203.0.113.20', { sourceNat: true })),
      ],
      '--atomic',
      '--json',
    );
    expect(exit).toBe(1);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; exit: number; stderr: string })
      .sort((a, b) => a.line - b.line);
    expect(results.map((result) => result.exit)).toEqual([1, 1, 1, 0]);
    expect(results.map(({ stderr }) => stderr)).toEqual([
      'cloudstack-netns: nothing was changed, because of line 2',
      expect.stringMatching(/^cloudstack-netns: add-port-forward: --public-port "3005-3015": overlaps/),
      'cloudstack-netns: nothing was changed, because of line 2',
      '',
    ]);
    expect([await reaches(2206), await reaches(2201)]).toEqual(['refused', 'open']);
    expect((await neighbour.inside.addresses())['vpn-200-43']).toEqual(['203.0.113.20/24']);
    const ofNetwork = (files: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith('network-42/')));
    expect(ofNetwork(await host.state())).toEqual(ofNetwork(before));
  });

  test('all or nothing is one transaction, and all of it when nothing fails', async () => {
    const { exit, stdout } = await batch(
      [
        objectOf('delete-port-forward', forward(2201)),
        objectOf('assign-ip', network.addressOptions('203.0.113.11')),
        objectOf('add-static-nat', network.staticNatOptions('203.0.113.11', guest.address)),
        objectOf('add-port-forward', forward(2206)),
      ],
      '--atomic',
    );
    expect([exit, stdout.trim().split('\n').length]).toEqual([0, 4]);
    expect([await reaches(2201), await reaches(2206)]).toEqual(['refused', 'open']);
    expect((await outside.tcp('203.0.113.11', 22, { from: internet })).result).toBe('open');
  });

  test('what ends a namespace cannot be part of all or nothing', async () => {
    const shutdown = objectOf('shutdown-network', { 'network-id': network.id, vlan: 100 });
    const { exit, stdout } = await batch([objectOf('add-port-forward', forward(2207)), shutdown], '--atomic');
    expect(exit).toBe(1);
    expect(stdout).toMatch(/2 failed shutdown-network: it cannot be in one transaction with those before it; expected/);
    expect([await reaches(2206), await reaches(2207)]).toEqual(['open', 'refused']);
  });

  test('from beginning to end, many commands through standard input', async () => {
    const ports = Array.from({ length: Math.ceil(1000 / timeFactor) }, (_, index) => 10_000 + index);
    const lines = [
      ...ports.map((port) => objectOf('add-port-forward', forward(port))),
      ...ports.slice(0, -1).map((port) => objectOf('delete-port-forward', forward(port))),
    ];
    const input = lines.map((line) => `${line}\n`).join('');
    const { exit, stderr } = await host.self.run([program, 'batch'], { input });
    const count = lines.length.toLocaleString('en');
    expect([exit, stderr.replace(/^.*: /, '')]).toEqual([0, `${count} done, 0 failed\n`]);
    expect([await reaches(10_000), await reaches(ports.at(-1) ?? 0)]).toEqual(['refused', 'open']);
  });

  test('the daemon killed right after it: nothing is lost, whether it is in files already or not', async () => {
    const ports = Array.from({ length: 300 }, (_, index) => 30_000 + index);
    await batch(ports.map((port) => objectOf('add-port-forward', forward(port))));
    for (const daemon of await daemons(host)) await kill(host, daemon);
    // The next one reads all that it knows from the disk.
    await host.self.output('ip', 'netns', 'exec', network.namespace, 'nft', 'flush', 'ruleset');
    const added = await batch([objectOf('add-port-forward', forward(29_999))]);
    expect(added).toMatchObject({ exit: 0 });
    expect(await Promise.all([29_999, 30_000, 30_150, 30_299].map(reaches))).toEqual(Array(4).fill('open'));
    const names = Object.keys(await host.state()).filter((path) => /_30[0-9]{3}$/.test(path));
    expect(names).toHaveLength(ports.length);
  });

  test('the end of both networks', async () => {
    const end = await batch([
      objectOf('shutdown-network', { 'network-id': network.id, vlan: 100 }),
      objectOf('destroy-network', { 'network-id': network.id, vlan: '' }),
      objectOf('shutdown-network', { 'network-id': neighbour.id, vlan: 101 }),
      objectOf('destroy-network', { 'network-id': neighbour.id, vlan: '' }),
    ]);
    expect(end.exit).toBe(0);
    expect(await host.namespaces()).toEqual([]);
  });
});
