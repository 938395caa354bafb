import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandOptions, TestHost } from '../host/host.js';
import { canonicalRuleset } from '../host/ruleset.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { acl, egress, ingress } from './rules.js';
import { createHost } from './scene.js';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

describe('--dry-run', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
  });
  afterAll(() => host?.destroy());

  /** What a command says it would do. */
  async function dryRun(command: string, options: CommandOptions): Promise<{ plan: string; ruleset: string }> {
    const outcome = await host.callRaw([...host.callArguments(command, options), '--dry-run']);
    expect(outcome.exit, outcome.stderr).toBe(0);
    const lines = outcome.stdout.split('\n');
    const isPlan = (line: string) => line.startsWith('# ');
    return {
      plan: lines.filter(isPlan).join('\n'),
      ruleset: lines.filter((line) => line !== '' && !isPlan(line)).join('\n'),
    };
  }

  /** The ruleset that nft makes of a text, after `before`. */
  async function rulesetOf(...texts: readonly string[]): Promise<string[]> {
    const script = texts.map((text) => `nft -f - <<'EOF'\n${text}\nEOF`).join('\n');
    const outcome = await host.self.run(['unshare', '-n', 'sh', '-ec', `${script}\nnft -j list table ip cloudstack`]);
    expect(outcome.stderr).toBe('');
    return canonicalRuleset(outcome.stdout);
  }

  const live = async () =>
    canonicalRuleset(await network.inside.output('nft', '-j', 'list', 'table', 'ip', 'cloudstack'));

  test('before anything is there: the whole table, and nothing is made', async () => {
    const before = await takeSnapshot(host);
    const { plan, ruleset } = await dryRun('implement-network', network.implementOptions());
    expect(plan).toContain('# implement-network in namespace cs-net-42, which is made');
    expect(plan).toContain('# link: pair vh-100-42 in breth1-100, vn-100-42 in the namespace');
    expect(plan).toContain('# address: 10.1.1.1/24 on vn-100-42');
    expect(plan).toMatch(/# file: write .*\/network-42\/vlan/);
    expect(await takeSnapshot(host)).toEqual(before);
    await network.implement();
    expect(await rulesetOf(ruleset)).toEqual(await live());
  });

  test('what changes in the ruleset is what the command then changes', async () => {
    const steps: [command: string, options: CommandOptions][] = [
      ['assign-ip', network.addressOptions('203.0.113.10', { sourceNat: true })],
      ['add-static-nat', network.staticNatOptions('203.0.113.10', '10.1.1.10')],
      [
        'add-port-forward',
        network.forwardOptions({
          publicIp: '203.0.113.10',
          publicPort: '8000-8009',
          privateIp: '10.1.1.10',
          privatePort: '8000-8009',
        }),
      ],
      [
        'apply-fw-rules',
        {
          'network-id': 42,
          'fw-rules': encoded({
            default_egress_allow: false,
            cidr: network.cidr,
            rules: [
              ...[22, 80, 443, 8080].map((ports) =>
                ingress('203.0.113.10', 'tcp', { ports, from: ['198.51.100.0/24'] }),
              ),
              ingress('203.0.113.10', 'icmp', { icmp: [8, 0] }),
              ...[1, 2, 3].map((n) =>
                ingress('203.0.113.10', 'udp', { ports: [n * 100, n * 100 + 50], from: ['10.0.0.0/8'] }),
              ),
              egress('tcp', { ports: 80, to: ['0.0.0.0/0'] }),
            ],
          }),
        },
      ],
      [
        'apply-network-acl',
        { 'network-id': 42, 'acl-rules': encoded([acl(1, 'allow', 'ingress', 'tcp', { ports: 22 })]) },
      ],
      ['delete-static-nat', network.staticNatOptions('203.0.113.10', '10.1.1.10')],
      ['release-ip', network.addressOptions('203.0.113.10', { sourceNat: true })],
    ];
    for (const [command, options] of steps) {
      const before = await takeSnapshot(host);
      const table = await network.inside.output('nft', 'list', 'table', 'ip', 'cloudstack');
      const { ruleset } = await dryRun(command, options);
      expect(await takeSnapshot(host), command).toEqual(before);
      const expected = await rulesetOf(table, ruleset);
      await host.perform(command, options);
      expect(await live(), command).toEqual(expected);
    }
  });

  test('the end of a network, and commands that are refused', async () => {
    const before = await takeSnapshot(host);
    const { plan, ruleset } = await dryRun('shutdown-network', { 'network-id': 42, vlan: 100 });
    expect(plan).toContain('# shutdown-network in namespace cs-net-42, which is deleted with everything inside');
    expect(ruleset).toBe('');
    const bad = await host.callRaw(['--dry-run', ...host.callArguments('add-static-nat', {})]);
    expect(bad.exit).toBe(1);
    const refused = await host.callRaw([
      ...host.callArguments('implement-network', network.implementOptions({ vlan: 5000 })),
      '--dry-run',
    ]);
    expect(refused).toMatchObject({ exit: 1, stdout: '' });
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('show tells what is there', async () => {
    const { program } = host;
    const before = await takeSnapshot(host);
    const shown = await host.self.run([program, 'show', 'network', '42']);
    expect(shown.exit, shown.stderr).toBe(0);
    for (const part of [
      'cs-net-42',
      'vn-100-42',
      '10.1.1.1/24',
      'table ip cloudstack {',
      'breth1-100',
      'policy drop;',
    ]) {
      expect(shown.stdout).toContain(part);
    }
    const missing = await host.self.run([program, 'show', 'vpc', '7']);
    expect(missing).toMatchObject({ exit: 1, stdout: '' });
    expect(missing.stderr).toContain('there is no namespace cs-vpc-7');
    expect((await host.self.run([program, 'show', '../etc'])).stderr).toContain('expected "network <id>"');
    expect(await takeSnapshot(host)).toEqual(before);
  });
});
