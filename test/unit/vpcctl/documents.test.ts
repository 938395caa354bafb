import { describe, expect, it } from 'vitest';
import { difference } from '../../../src/vpcctl/describe.js';
import { readDesired, writeDesired } from '../../../src/vpcctl/document/desired-file.js';
import { readDocument } from '../../../src/vpcctl/document/read-document.js';
import { withoutUnwanted, withWanted } from '../../../src/vpcctl/edits/desired.js';
import { setupNat } from '../../../src/vpcctl/edits/nat.js';
import { peer } from '../../../src/vpcctl/edits/peering.js';
import { readMetadata } from '../../../src/vpcctl/metadata/read.js';
import { policyFileSchema } from '../../../src/vpcctl/model/policy.js';
import type { Vpcs } from '../../../src/vpcctl/model/vpc.js';
import { empty, now, seed } from './scene.js';

describe('a policy file', () => {
  const read = (text: string) => readDocument('web.json', text, policyFileSchema);
  const policy = (rule: string) =>
    `{\n  "version": "1.0",\n  "namespace": "shop-web",\n  "ingress": [\n    ${rule}\n  ]\n}\n`;

  it('may be JSON, also with tabs, or YAML', () => {
    expect(read(policy('{\n\t"port": 80,\n\t"protocol": "tcp",\n\t"action": "allow" }')).ingress).toHaveLength(1);
    expect(
      read('ingress:\n  - {port: 8000-8080, protocol: udp, action: deny, source: 10.0.0.0/8}\n').ingress,
    ).toHaveLength(1);
  });

  it.each([
    [
      policy('{ "port": 0, "protocol": "tcp", "action": "allow" }'),
      'web.json:5: ingress.0.port: expected a port 1–65535, a range such as 8000-8080, or any',
    ],
    [policy('{ "protocol": "tcp", "action": "allow" }'), 'web.json:5: ingress.0.port: expected a port'],
    [
      policy('{ "port": 80,\n      "protocol": "tpc",\n      "action": "allow" }'),
      'web.json:6: ingress.0.protocol: expected tcp, udp, icmp, any or a protocol number',
    ],
    [
      policy('{ "port": 80, "protocol": "tcp",\n\n      "action": "permit" }'),
      'web.json:7: ingress.0.action: expected allow or deny',
    ],
    [
      policy('{ "port": 80, "protocol": "tcp", "action": "allow",\n      "source": "everywhere" }'),
      'web.json:6: ingress.0.source: expected an IPv4 network',
    ],
    ['{\n  "ingress": [\n    }\n', 'web.json:3: '],
    ['- a\n', 'web.json:1: the document: '],
  ])('that is wrong is told with the line: %#', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });
});

describe('the file of apply', () => {
  it.each([
    ['name: shop\ncidr: 10.0.0.0/16\nsubnet: []\n', 'f.yaml:3: subnet: Unrecognized key: "subnet"'],
    [
      'vpcs:\n  - name: shop\n    cidr: 10.0.0.0/16\n    subnets:\n      - name: web\n        cidr: 10.0.1.0/24\n        type: open\n',
      'f.yaml:7: vpcs.0.subnets.0.type: expected public or private',
    ],
    ['name: [\n', 'f.yaml:'],
  ])('that is wrong is told with the line: %#', (text, words) => {
    expect(() => readDesired('f.yaml', text)).toThrow(words);
  });

  const wanted = (vpcs: Vpcs, text: string): Vpcs => {
    const desired = readDesired('f.yaml', text);
    return withWanted(withoutUnwanted(vpcs, desired), desired, { present: empty, now, defaultLink: () => 'eth9' });
  };

  it.each(['yaml', 'json'] as const)('that was exported says what is there (%s)', (format) => {
    const vpcs = peer(setupNat(seed(), 'production', 'eth0'), 'production', 'staging');
    const text = writeDesired([...vpcs.values()], format);
    expect(difference(vpcs, wanted(vpcs, text))).toEqual([]);
    expect(difference(new Map(), wanted(new Map(), text))).toEqual(difference(new Map(), vpcs));
  });

  it('brings the difference', () => {
    const vpcs = peer(setupNat(seed(), 'production', 'eth0'), 'production', 'staging');
    const after = wanted(
      vpcs,
      `name: production
cidr: 10.0.0.0/16
subnets:
  - { name: web, cidr: 10.0.1.0/24, type: private, policy: { ingress: [{ port: 80, protocol: tcp, action: allow }] } }
  - { name: db, cidr: 10.0.4.0/24, type: private }
`,
    );
    expect(difference(vpcs, after)).toEqual([
      '- nat production out of eth0',
      '- peering production staging 10.0.0.0/16 and 10.1.0.0/16',
      '~ subnet production web 10.0.1.0/24 private (namespace production-web, address 10.0.1.10)',
      '+ policy production web 1 ingress rule, 0 egress rules',
      '~ subnet production db 10.0.4.0/24 private (namespace production-db, address 10.0.4.10)',
    ]);
    expect(after.get('staging')?.subnets).toEqual(vpcs.get('staging')?.subnets);
  });

  it('leads NAT out of the default route unless it is there already', () => {
    const text = 'name: production\ncidr: 10.0.0.0/16\nnat: true\n';
    expect(wanted(seed(), text).get('production')?.nat_interface).toBe('eth9');
    expect(wanted(setupNat(seed(), 'production', 'eth0'), text).get('production')?.nat_interface).toBe('eth0');
  });

  it('changes no network of a VPC', () => {
    expect(() => wanted(seed(), 'name: production\ncidr: 10.7.0.0/16\n')).toThrow(
      'VPC production: is there with 10.0.0.0/16; expected that instead of 10.7.0.0/16, or delete the VPC first',
    );
  });
});

describe('a metadata file', () => {
  const read = (file: object | string) =>
    readMetadata('/d/demo.json', 'demo', typeof file === 'string' ? file : JSON.stringify(file), now);

  it('of another program is completed, and keeps what is not ours', () => {
    const vpc = read({
      name: 'demo',
      cidr: '10.0.0.0/16',
      bridge: 'br-demo',
      owner: 'me',
      subnets: [
        {
          name: 'public',
          cidr: '10.0.1.0/24',
          type: 'public',
          namespace: 'demo-public',
          veth_host: 'vp-public',
          veth_ns: 'vn-public',
          rack: 7,
        },
      ],
    });
    expect(vpc).toMatchObject({ owner: 'me', created: '2026-01-02T03:04:05Z', peering: [] });
    expect(vpc.subnets[0]).toMatchObject({ rack: 7, gateway: '10.0.0.1', nat_enabled: false, veth_host: 'vp-public' });
  });

  it.each([
    ['{', '/d/demo.json: is no JSON; expected the metadata of VPC demo'],
    [{ name: 'other', cidr: '10.0.0.0/16' }, '/d/demo.json: name: "other"; expected "demo", as the file is called'],
    [{ cidr: 'x' }, '/d/demo.json: cidr: expected an IPv4 network, for example 10.0.0.0/16'],
    [
      { cidr: '10.0.0.0/16', subnets: [{ name: 'a', cidr: '10.0.1.0/24', type: 'public', veth_host: '../x' }] },
      '/d/demo.json: subnets.0.veth_host: expected the name of a network interface',
    ],
    [
      { cidr: '10.0.0.0/16', subnets: [{ name: 'a', cidr: '10.0.1.0/24', type: 'public', namespace: '../../etc' }] },
      '/d/demo.json: subnets.0.namespace: expected the name of a namespace',
    ],
  ])('that is damaged is named with the key: %#', (file, words) => {
    expect(() => read(file)).toThrow(words);
  });
});
