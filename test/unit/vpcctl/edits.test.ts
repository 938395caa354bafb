import { describe, expect, it } from 'vitest';
import { removeNat, setupNat } from '../../../src/vpcctl/edits/nat.js';
import { peer, unpeer } from '../../../src/vpcctl/edits/peering.js';
import { applyPolicy, placeOfPolicy, removePolicy } from '../../../src/vpcctl/edits/policy.js';
import { addSubnet, removeSubnet } from '../../../src/vpcctl/edits/subnet.js';
import { createVpc, deleteVpc } from '../../../src/vpcctl/edits/vpc.js';
import { arePeers } from '../../../src/vpcctl/model/vpc.js';
import { added, empty, made, now, seed } from './scene.js';

describe('a VPC', () => {
  it('is what its metadata says', () => {
    expect(seed().get('production')).toEqual({
      name: 'production',
      cidr: '10.0.0.0/16',
      bridge: 'br-production',
      created: '2026-01-02T03:04:05Z',
      routing_table: 20000,
      peering: [],
      subnets: [
        {
          name: 'web',
          cidr: '10.0.1.0/24',
          type: 'public',
          namespace: 'production-web',
          veth_host: 'veth-web',
          veth_ns: 'veth-web-ns',
          gateway: '10.0.0.1',
          nat_enabled: false,
        },
        expect.objectContaining({ name: 'db', veth_host: 'veth-db' }),
      ],
    });
    expect(seed().get('staging')).toMatchObject({ routing_table: 20001 });
  });

  it('has names of its own where the plain ones are too long or taken', () => {
    const long = 'a-name-of-thirty-two-characters-';
    const vpcs = added(made(seed(), long, '10.2.0.0/16'), long, long, '10.2.0.0/24');
    const vpc = vpcs.get(long);
    expect(vpc?.bridge).toMatch(/^br-[0-9a-f]{10}$/);
    expect(vpc?.subnets[0]).toMatchObject({
      namespace: `${long}-${long}`,
      veth_host: expect.stringMatching(/^veth-[0-9a-f]{10}$/),
      veth_ns: expect.stringMatching(/^veth-[0-9a-f]{7}-ns$/),
    });
    expect(seed().get('staging')?.subnets[0]?.veth_host).toMatch(/^veth-[0-9a-f]{10}$/);
    // Somebody else's link, and two VPCs whose subnets' namespaces would be called the same.
    const present = { links: new Set(['br-new']), namespaces: new Set<string>() };
    expect(createVpc(new Map(), 'new', '10.0.0.0/16', present, now).get('new')?.bridge).toMatch(/^br-[0-9a-f]{10}$/);
    const one = added(made(seed(), 'a', '10.3.0.0/16'), 'a', 'b-c', '10.3.0.0/24');
    const both = added(made(one, 'a-b', '10.4.0.0/16'), 'a-b', 'c', '10.4.0.0/24');
    expect(both.get('a-b')?.subnets[0]?.namespace).toMatch(/^a-b-c-[0-9a-f]{8}$/);
  });

  it.each([
    ['Shop', '10.0.0.0/16', 'VPC name "Shop": expected 1 to 32 of a–z, 0–9 and "-"'],
    ['shop', '10.0.0.1/16', 'VPC shop: "10.0.0.1/16" has host bits set; expected 10.0.0.0/16'],
    ['shop', '10.0.0.0', 'VPC shop: "10.0.0.0" is no IPv4 network; expected for example 10.0.0.0/16'],
    ['shop', '10.0.0.0/31', 'VPC shop: "10.0.0.0/31" has no room for subnets; expected a prefix length up to 30'],
    ['shop', '224.0.0.0/8', 'VPC shop: "224.0.0.0/8" is no IPv4 network; expected for example 10.0.0.0/16'],
    ['staging', '10.9.0.0/16', 'VPC staging: is there with 10.1.0.0/16; expected that, or another name'],
  ])('%s %s is refused', (name, cidr, words) => {
    expect(() => made(seed(), name, cidr)).toThrow(words);
  });

  it('takes its peerings along when it goes, and is no error when it is gone', () => {
    const left = deleteVpc(peer(seed(), 'production', 'staging'), 'staging');
    expect([...left.keys()]).toEqual(['production']);
    expect(left.get('production')?.peering).toEqual([]);
    expect(deleteVpc(left, 'staging')).toBe(left);
  });
});

describe('a subnet', () => {
  it.each([
    [
      'production',
      'x',
      '10.1.0.0/24',
      'private',
      'subnet x of VPC production: 10.1.0.0/24 is not within 10.0.0.0/16; expected a part of it',
    ],
    [
      'production',
      'x',
      '10.0.1.128/25',
      'private',
      'subnet x of VPC production: 10.0.1.128/25 overlaps 10.0.1.0/24 of subnet web; expected a free part of 10.0.0.0/16',
    ],
    ['production', 'x', '10.0.9.0/24', 'open', 'subnet x of VPC production: type "open"; expected public or private'],
    [
      'production',
      'x',
      '10.0.0.0/31',
      'private',
      "subnet x of VPC production: 10.0.0.0/31 has no address but the VPC's gateway, 10.0.0.1; expected another network",
    ],
    [
      'production',
      'web',
      '10.0.1.0/24',
      'private',
      'subnet web of VPC production: is there with 10.0.1.0/24 public; expected that, or another name',
    ],
    ['shop', 'web', '10.0.1.0/24', 'public', 'VPC shop: no such VPC; there are production, staging'],
  ])('%s %s %s %s is refused', (vpc, name, cidr, type, words) => {
    expect(() => addSubnet(seed(), { vpc, name, cidr, type }, empty)).toThrow(words);
  });

  it('that is there stays as it is, and one that is gone is no error', () => {
    const vpcs = seed();
    expect(added(vpcs, 'production', 'web', '10.0.1.0/24', 'public')).toBe(vpcs);
    expect(removeSubnet(vpcs, 'production', 'none')).toBe(vpcs);
    expect(
      removeSubnet(vpcs, 'production', 'web')
        .get('production')
        ?.subnets.map(({ name }) => name),
    ).toEqual(['db']);
  });
});

describe('NAT', () => {
  const enabled = (vpcs: ReturnType<typeof seed>) =>
    vpcs.get('production')?.subnets.map(({ nat_enabled }) => nat_enabled);

  it('is for public subnets, also for those that come later', () => {
    const open = setupNat(seed(), 'production', 'eth0');
    expect(open.get('production')?.nat_interface).toBe('eth0');
    expect(enabled(added(open, 'production', 'late', '10.0.3.0/24', 'public'))).toEqual([true, false, true]);
    const closed = removeNat(open, 'production');
    expect(enabled(closed)).toEqual([false, false]);
    expect(closed.get('production')).not.toHaveProperty('nat_interface');
  });

  it('needs a network that no other VPC has', () => {
    const twins = made(seed(), 'twin', '10.0.128.0/17');
    const words =
      'VPC production: 10.0.0.0/16 overlaps 10.0.128.0/17 of VPC twin; with NAT expected networks that do not';
    expect(() => setupNat(twins, 'production', 'eth0')).toThrow(words);
    expect(() => made(setupNat(seed(), 'production', 'eth0'), 'twin', '10.0.128.0/17')).toThrow('with NAT expected');
  });
});

describe('a peering', () => {
  it('has two sides', () => {
    const vpcs = peer(seed(), 'production', 'staging');
    const [one, other] = [...vpcs.values()];
    expect(one?.peering).toEqual([
      {
        peer_vpc: 'staging',
        peer_cidr: '10.1.0.0/16',
        status: 'active',
        veth: expect.stringMatching(/^peer-[0-9a-f]{10}$/),
      },
    ]);
    expect(one !== undefined && arePeers(one, other)).toBe(true);
    expect(other?.peering[0]?.veth).not.toBe(one?.peering[0]?.veth);
    const apart = unpeer(vpcs, 'staging', 'production');
    expect([...apart.values()].flatMap(({ peering }) => peering)).toEqual([]);
    expect(unpeer(apart, 'staging', 'production')).toBe(apart);
    expect(() => unpeer(apart, 'staging', 'nobody')).toThrow('VPC nobody: no such VPC');
    // The other one's file went away by hand.
    const alone = new Map([...vpcs].filter(([name]) => name === 'production'));
    expect(unpeer(alone, 'production', 'staging').get('production')?.peering).toEqual([]);
  });

  it('is of VPCs that can be told apart, also from peers they have', () => {
    const twins = made(made(seed(), 'twin', '10.1.0.0/17'), 'far', '10.1.128.0/17');
    expect(() => peer(twins, 'twin', 'staging')).toThrow(
      'peering of twin and staging: 10.1.0.0/16 of VPC staging overlaps 10.1.0.0/17 of VPC twin',
    );
    const busy = peer(twins, 'production', 'staging');
    expect(() => peer(busy, 'far', 'production')).toThrow(
      '10.1.128.0/17 of VPC far overlaps 10.1.0.0/16 of VPC staging',
    );
    expect(() => peer(busy, 'far', 'far')).toThrow('expected two different VPCs');
    expect([...peer(busy, 'production', 'staging').values()]).toEqual([...busy.values()]);
  });
});

describe('a policy', () => {
  const rule = { port: 80, protocol: 'tcp', action: 'allow' as const };

  it('finds its subnet by namespace, name or network', () => {
    const nameOf = (file: object, only?: string) => placeOfPolicy(seed(), file, only).subnet.namespace;
    expect(nameOf({ namespace: 'staging-web', subnet: '10.0.1.0/24' })).toBe('staging-web');
    expect(nameOf({ subnet: 'db' })).toBe('production-db');
    expect(nameOf({ subnet: '10.1.1.0/24' })).toBe('staging-web');
    expect(nameOf({ subnet: 'web' }, 'staging')).toBe('staging-web');
    expect(() => nameOf({ subnet: 'web' })).toThrow(
      'policy for subnet web: there are several; expected "namespace" with one of production-web, staging-web',
    );
    expect(() => nameOf({ namespace: 'x' })).toThrow(
      'policy for namespace x: no such subnet; expected one of the namespaces production-web, production-db, staging-web',
    );
  });

  it('stays with its subnet', () => {
    const vpcs = applyPolicy(seed(), placeOfPolicy(seed(), { subnet: 'db' }), { ingress: [rule] });
    expect(vpcs.get('production')?.subnets[1]?.policy).toEqual({ ingress: [rule] });
    expect(removePolicy(vpcs, 'production', 'db').get('production')?.subnets[1]).not.toHaveProperty('policy');
  });
});
