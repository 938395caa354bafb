import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Acl } from '../../../src/model/acl.js';
import type { StoredNetwork } from '../../../src/state/domain-files.js';
import * as edits from '../../../src/state/edits.js';
import { formatPortForward, parsePortForward, type StoredPortForward } from '../../../src/state/port-forward-file.js';
import { formatPublicRange, parsePublicRange } from '../../../src/state/public-range.js';
import { readDomainFiles } from '../../../src/state/read-domain.js';
import { anyAddress, anyPortRange } from '../model/arbitraries.js';
import { firewallWith } from '../model/firewall-rules.js';
import { commit } from './file-work.js';

const network = { kind: 'network', id: '5' } as const;
const vpc = { kind: 'vpc', id: '7' } as const;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file as the shell wrapper does. */
function file(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const nothingKnown: StoredNetwork = {
  vlan: undefined,
  gateway: undefined,
  cidr: undefined,
  extensionIp: undefined,
  ipv6: undefined,
};

const one = (port: number) => ({ first: port, last: port });

const forward: StoredPortForward = {
  protocol: 'tcp',
  publicIp: '203.0.113.7',
  publicPorts: { first: 9080, last: 9090 },
  privateIp: '10.1.1.10',
  privatePorts: { first: 8080, last: 8090 },
};

describe('a network', () => {
  it('that is not there', async () => {
    expect(await readDomainFiles(root, network)).toEqual({
      exists: false,
      namespace: undefined,
      vpcCidr: undefined,
      networks: new Map(),
      addresses: new Map(),
      staticNats: new Map(),
      portForwards: [],
      foreignPortForwards: new Map(),
      loadBalancers: [],
      firewalls: new Map(),
      acls: new Map(),
      nameServices: new Map(),
      userData: new Set(),
      warnings: [],
      leftovers: [],
    });
  });

  it('reads back as it was written', async () => {
    const stored = {
      ...nothingKnown,
      vlan: 100,
      gateway: '10.1.1.1',
      cidr: { address: '10.1.1.0', prefix: 24 },
      extensionIp: '10.1.1.2',
    };
    const address = {
      sourceNat: true,
      vlan: 101,
      owner: '5',
      range: { prefix: 24, gateway: '203.0.113.1', interface: undefined },
    };
    const bare = { sourceNat: false, vlan: 'untagged' as const, owner: undefined, range: undefined };
    const put = async (...list: Parameters<typeof commit>[1][]) => (await commit(root, list.flat())).settle();
    await put(
      edits.writeNetwork('5', stored),
      edits.writeNamespace(network, 'cs-net-5'),
      edits.writeAddress(network, '203.0.113.7', address),
      edits.writeAddress(network, '203.0.113.79', bare),
      edits.writeStaticNat(network, '203.0.113.79', '10.1.1.9'),
      edits.writePortForward(network, forward),
    );
    expect(await readDomainFiles(root, network)).toEqual({
      exists: true,
      namespace: 'cs-net-5',
      vpcCidr: undefined,
      networks: new Map([['5', stored]]),
      addresses: new Map<string, unknown>([
        ['203.0.113.7', address],
        ['203.0.113.79', bare],
      ]),
      staticNats: new Map([['203.0.113.79', '10.1.1.9']]),
      loadBalancers: [],
      portForwards: [forward],
      foreignPortForwards: new Map(),
      firewalls: new Map(),
      acls: new Map(),
      nameServices: new Map(),
      userData: new Set(),
      warnings: [],
      leftovers: [],
    });

    await put(
      edits.removeAddress(network, '203.0.113.7'),
      edits.removeStaticNat(network, '203.0.113.79'),
      edits.removePortForward(network, forward),
      edits.writeNetwork('5', nothingKnown),
    );
    expect(await readDomainFiles(root, network)).toMatchObject({
      networks: new Map([['5', nothingKnown]]),
      addresses: new Map([['203.0.113.79', bare]]),
      staticNats: new Map(),
      portForwards: [],
      warnings: [],
    });

    await put(edits.removeTransient(network));
    expect((await readDomainFiles(root, network)).addresses.size).toBe(0);
    await put(edits.removeNetwork('5'));
    expect((await readDomainFiles(root, network)).exists).toBe(false);
  });

  it('of the shell wrapper is understood', async () => {
    file('network-5/vlan', 'untagged\n');
    file('network-5/gateway', '10.1.1.1\n');
    file('network-5/cidr', '\n');
    file('network-5/extension-ip', '10.1.1.1');
    file('network-5/namespace', 'cs-net-5\n');
    file('network-5/iptables.dump', '# whatever\n');
    file('network-5/ips/203.0.113.7', 'false\n');
    file('network-5/ips/203.0.113.7.pvlan', '101\n');
    file('network-5/port-forward/TCP_203.0.113.7_3000-3000', 'TCP 203.0.113.7 3000-3000 10.1.1.9 3000-3000\n');
    file('network-5/port-forward/udp_203.0.113.7_80-90', 'udp 203.0.113.7 80:90 10.1.1.9 80:90\n');
    const read = await readDomainFiles(root, network);
    expect(read.warnings).toEqual([]);
    expect(read.networks.get('5')).toEqual({
      vlan: 'untagged',
      gateway: '10.1.1.1',
      cidr: undefined,
      extensionIp: '10.1.1.1',
    });
    expect(read.addresses.get('203.0.113.7')).toEqual({
      sourceNat: false,
      vlan: 101,
      owner: undefined,
      range: undefined,
    });
    expect(new Set(read.portForwards.map(formatPortForward))).toEqual(
      new Set(['tcp 203.0.113.7 3000 10.1.1.9 3000\n', 'udp 203.0.113.7 80-90 10.1.1.9 80-90\n']),
    );
    // Deleting and adding know the shell wrapper's file names.
    const key = { protocol: 'tcp', publicIp: '203.0.113.7', publicPorts: one(3000) } as const;
    const foreign = read.foreignPortForwards.get('tcp_203.0.113.7_3000') ?? [];
    expect(foreign).toEqual(['TCP_203.0.113.7_3000-3000']);
    const forward = { ...key, privateIp: '10.1.1.8', privatePorts: one(22) };
    await commit(root, edits.writePortForward(network, forward, foreign));
    const again = await readDomainFiles(root, network);
    expect(again.warnings).toEqual([]);
    expect(again.portForwards).toHaveLength(2);
    expect(again.foreignPortForwards).toEqual(new Map());
    file('network-5/port-forward/TCP_203.0.113.7_3000-3000', 'TCP 203.0.113.7 3000-3000 10.1.1.9 3000-3000\n');
    const { foreignPortForwards, warnings } = await readDomainFiles(root, network);
    expect(warnings).toHaveLength(1);
    await commit(root, edits.removePortForward(network, key, foreignPortForwards.get('tcp_203.0.113.7_3000')));
    expect((await readDomainFiles(root, network)).portForwards).toHaveLength(1);
  });

  it('with damaged and foreign files gives what is left, and a line for each', async () => {
    await commit(root, edits.writePortForward(network, forward));
    file('network-5/vlan', '5001\n');
    file('network-5/gateway', '10.1.1.1\n10.1.1.2\n');
    file('network-5/cidr', 'x'.repeat(5000));
    file('network-5/namespace', '../../etc\n');
    mkdirSync(join(root, 'network-5/extension-ip'));
    file('network-5/ips/203.0.113.7', 'perhaps\n');
    file('network-5/ips/host.example', 'true\n');
    file('network-5/ips/203.0.113.9.pvlan', '101\n');
    file('network-5/ips/203.0.113.8', 'true\n');
    file('network-5/public/203.0.113.8', '{"prefix":33}\n');
    file('network-5/ips/.0123456789abcdef.tmp', 'half');
    file('network-5/static-nat/203.0.113.8', '10.1.1.0/24\n');
    file('network-5/static-nat/README', '10.1.1.9\n');
    symlinkSync('/etc/passwd', join(root, 'network-5/static-nat/203.0.113.10'));
    execFileSync('mkfifo', [join(root, 'network-5/static-nat/203.0.113.11')]);
    file('network-5/port-forward/tcp_203.0.113.7_1', 'tcp 203.0.113.7 2 10.1.1.9 2\n');
    file('network-5/port-forward/tcp_203.0.113.7_3', '');
    file('network-5/port-forward/tcp_203.0.113.7_4', 'tcp 203.0.113.7 4\n');
    file('network-5/port-forward/tcp_203.0.113.7_5', 'tcp 203.0.113.7 5 10.1.1.9 5-6\n');
    file('network-5/port-forward/TCP_203.0.113.7_9080-9090', 'TCP 203.0.113.7 9080-9090 10.9.9.9 9080-9090\n');
    const read = await readDomainFiles(root, network);
    expect(read.networks.get('5')).toEqual(nothingKnown);
    expect([...read.addresses]).toEqual([
      ['203.0.113.8', { sourceNat: true, vlan: undefined, owner: undefined, range: undefined }],
    ]);
    expect(read.staticNats.size).toBe(0);
    expect(read.portForwards).toEqual([forward]);
    expect(read.leftovers).toEqual(['network-5/ips/.0123456789abcdef.tmp']);
    const about = read.warnings.map((line) => /network-5\/([^"]*)"/.exec(line)?.[1]).sort();
    expect(about).toEqual(
      [
        'vlan',
        'gateway',
        'cidr',
        'namespace',
        'extension-ip',
        'ips/203.0.113.7',
        'ips/host.example',
        'ips/203.0.113.9.pvlan',
        'public/203.0.113.8',
        'static-nat/203.0.113.8',
        'static-nat/README',
        'static-nat/203.0.113.10',
        'static-nat/203.0.113.11',
        'port-forward/tcp_203.0.113.7_1',
        'port-forward/tcp_203.0.113.7_3',
        'port-forward/tcp_203.0.113.7_4',
        'port-forward/tcp_203.0.113.7_5',
        'port-forward/TCP_203.0.113.7_9080-9090',
      ].sort(),
    );
    expect(read.warnings.join('')).not.toMatch(/\n/);
  });

  it('never fills the log', async () => {
    for (let index = 0; index < 300; index++) file(`network-5/static-nat/foreign-${index}`, 'x');
    const { warnings } = await readDomainFiles(root, network);
    expect(warnings).toHaveLength(101);
    expect(warnings.at(-1)).toBe('200 more files were skipped');
  });
});

describe('a VPC', () => {
  it('reads back with its tiers', async () => {
    const tier = {
      ...nothingKnown,
      vlan: 1310,
      gateway: '10.10.1.1',
      cidr: { address: '10.10.1.0', prefix: 24 },
      extensionIp: '10.10.1.1',
    };
    await commit(
      root,
      [
        edits.writeNamespace(vpc, 'cs-vpc-7'),
        edits.writeVpcCidr('7', { address: '10.10.0.0', prefix: 16 }),
        edits.writeTier('7', '310'),
        edits.writeNetwork('310', tier),
        edits.writeTier('7', '311'),
        edits.writeAddress(vpc, '203.0.113.21', { sourceNat: false, vlan: 110, owner: '310', range: undefined }),
        edits.writePortForward(vpc, forward),
      ].flat(),
    );
    file('vpc-7/tiers/readme', '');
    const read = await readDomainFiles(root, vpc);
    expect(read).toMatchObject({
      exists: true,
      namespace: 'cs-vpc-7',
      vpcCidr: { address: '10.10.0.0', prefix: 16 },
      networks: new Map<string, unknown>([
        ['310', tier],
        ['311', nothingKnown],
      ]),
      portForwards: [forward],
    });
    expect(read.addresses.get('203.0.113.21')?.owner).toBe('310');
    expect(read.warnings).toHaveLength(1);
    await commit(root, [...edits.removeTier('7', '310'), ...edits.removeNetwork('310')]);
    expect([...(await readDomainFiles(root, vpc)).networks.keys()]).toEqual(['311']);
    await commit(root, edits.removeVpc('7'));
    expect((await readDomainFiles(root, vpc)).exists).toBe(false);
  });
});

describe('rule sets', () => {
  const firewall = firewallWith(
    true,
    [{ publicIp: '203.0.113.7', traffic: { protocol: 6, ports: { first: 22, last: 22 } }, sources: 'any' }],
    [
      {
        traffic: { protocol: 'all' },
        sources: 'any',
        destinations: { ipv4: [], ipv6: [{ address: '::', prefix: 0 }] },
      },
    ],
  );
  const acl = new Acl([
    {
      number: 10,
      action: 'allow',
      direction: 'egress',
      traffic: { protocol: 1, icmp: { type: 8, code: undefined } },
      remotes: 'any',
    },
  ]);
  const stored = { ...nothingKnown, vlan: 100 };

  it('read back, and go', async () => {
    await commit(
      root,
      [
        edits.writeNetwork('5', stored),
        edits.writeRules('5', 'firewall', firewall.bytes),
        edits.writeRules('5', 'acl', acl.text),
      ].flat(),
    );
    const read = await readDomainFiles(root, network);
    expect(read).toMatchObject({ warnings: [] });
    expect(read.firewalls).toEqual(new Map([['5', firewall]]));
    expect(read.acls).toEqual(new Map([['5', acl]]));
    await commit(root, [...edits.writeRules('5', 'firewall', undefined), ...edits.writeRules('5', 'acl', undefined)]);
    expect(await readDomainFiles(root, network)).toMatchObject({ firewalls: new Map(), acls: new Map(), warnings: [] });
  });

  it('may be empty: a list that allows nothing is one', async () => {
    await commit(root, [...edits.writeNetwork('5', stored), ...edits.writeRules('5', 'acl', new Acl([]).text)]);
    const read = await readDomainFiles(root, network);
    expect(read.warnings).toEqual([]);
    expect(read.acls.get('5')?.rules).toEqual([]);
  });

  const good = 'ingress 203.0.113.7 tcp 22 from any';
  it.each([
    '',
    good,
    'default-egress maybe',
    'default-egress allow extra',
    `default-egress allow\n${good}\nnonsense`,
    `default-egress allow\n${good} to any`,
    'default-egress allow\ningress 203.0.113.7 tcp 22',
    'default-egress allow\ningress 203.0.113 tcp 22 from any',
    'default-egress allow\ningress tcp 22 from any',
    'default-egress allow\ningress 203.0.113.7 tcp 22 23 from any',
    'default-egress allow\ningress 203.0.113.7 gre 22 from any',
    'default-egress allow\ningress 203.0.113.7 tcp 0 from any',
    'default-egress allow\ningress 203.0.113.7 icmp 256 from any',
    'default-egress allow\ningress 203.0.113.7 tcp 22 from 198.51.100.0/33',
    'default-egress allow\ningress 203.0.113.7 tcp 22 from ',
    'default-egress allow\negress tcp 22 from any',
    'default-egress allow\negress tcp 22 from any to somewhere',
    'default-egress allow\nforward tcp 22 from any to any',
    '\u0000',
  ])('close everything when they are damaged: firewall %j', async (text) => {
    await commit(root, edits.writeNetwork('5', stored));
    file('network-5/firewall', text);
    const read = await readDomainFiles(root, network);
    expect(read.firewalls).toEqual(new Map([['5', firewallWith(false, [], [])]]));
    expect(read.acls.size).toBe(0);
    expect(read.warnings).toEqual([
      `"${root}/network-5/firewall" is damaged: nothing is let through until the rules are sent again`,
    ]);
  });

  it.each([
    'x',
    '10 allow ingress tcp 22',
    '10 permit ingress tcp 22 from any',
    '10 allow both tcp 22 from any',
    '10 allow ingress tcp 22 from any\n20 allow ingress tcp from',
    '1.5 allow ingress tcp 22 from any',
    'allow ingress tcp 22 from any',
    '10 allow ingress udpp from any',
    '10 allow ingress tcp 22 from 10.0.0.0/8,',
  ])('close everything when they are damaged: ACL %j', async (text) => {
    await commit(root, edits.writeNetwork('5', stored));
    file('network-5/acl', text);
    const read = await readDomainFiles(root, network);
    expect(read.acls).toEqual(new Map([['5', new Acl([])]]));
    expect(read.warnings).toHaveLength(1);
  });

  it('close everything when they are no files', async () => {
    await commit(root, edits.writeNetwork('5', stored));
    mkdirSync(join(root, 'network-5/firewall'));
    symlinkSync('/etc/passwd', join(root, 'network-5/acl'));
    const read = await readDomainFiles(root, network);
    expect(read.firewalls.get('5')).toEqual(firewallWith(false, [], []));
    expect(read.acls.get('5')).toEqual(new Acl([]));
    expect(read.warnings).toHaveLength(2);
  });

  it('of tiers are each their own', async () => {
    await commit(
      root,
      ['310', '311'].flatMap((id) => [...edits.writeTier('7', id), ...edits.writeNetwork(id, stored)]),
    );
    await commit(root, edits.writeRules('310', 'acl', acl.text));
    file('network-311/acl', 'damaged');
    const read = await readDomainFiles(root, vpc);
    expect(read.acls.get('310')).toEqual(acl);
    expect(read.acls.get('311')).toEqual(new Acl([]));
    expect(read.firewalls.size).toBe(0);
  });
});

describe('file contents', () => {
  it('of port forwards read back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('tcp' as const, 'udp' as const),
        anyAddress,
        anyPortRange,
        anyAddress,
        (protocol, publicIp, ports, privateIp) => {
          const stored = { protocol, publicIp, publicPorts: ports, privateIp, privatePorts: ports };
          expect(parsePortForward(formatPortForward(stored).trimEnd())).toEqual(stored);
        },
      ),
    );
  });

  it('of port forwards are never garbage', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(tcp|udp|x)( [0-9.:-]{0,8}){0,5}$/)), (line) => {
        const stored = parsePortForward(line);
        if (stored !== undefined) expect(parsePortForward(formatPortForward(stored).trimEnd())).toEqual(stored);
      }),
    );
  });

  it('of public ranges read back, or are refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 32 }), fc.option(anyAddress, { nil: undefined }), (prefix, gateway) => {
        const range = { prefix, gateway, interface: 'vpn-101-5' };
        expect(parsePublicRange(formatPublicRange(range))).toEqual(range);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parsePublicRange(text)).toBeUndefined();
      }),
    );
    for (const bad of [
      '{"prefix":24.5}',
      '{"prefix":"24"}',
      '{"prefix":24,"gateway":"x"}',
      '{"prefix":24,"interface":"a/b"}',
    ]) {
      expect(parsePublicRange(bad)).toBeUndefined();
    }
    expect(parsePublicRange('{"prefix":24,"later":true}')).toEqual({
      prefix: 24,
      gateway: undefined,
      interface: undefined,
    });
  });
});
