import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseCidr } from '../../../src/model/address.js';
import { gatewayOf, hostAddressOf, isWithin, lastAddress, overlaps } from '../../../src/vpcctl/model/network.js';
import { aclOf } from '../../../src/vpcctl/model/policy.js';

const network = (text: string) => parseCidr(text) ?? { address: '', prefix: 0 };

describe('addresses of networks', () => {
  it.each([
    ['10.0.0.0/16', '10.0.0.1', '10.0.0.10', '10.0.255.255'],
    ['10.0.1.0/28', '10.0.1.1', '10.0.1.10', '10.0.1.15'],
    ['10.0.1.0/29', '10.0.1.1', '10.0.1.6', '10.0.1.7'],
    ['10.0.1.4/30', '10.0.1.5', '10.0.1.6', '10.0.1.7'],
    ['10.0.1.4/31', '10.0.1.4', '10.0.1.5', '10.0.1.5'],
    ['10.0.1.4/32', '10.0.1.4', '10.0.1.4', '10.0.1.4'],
  ])('%s has the gateway %s, the host %s and the last address %s', (text, gateway, host, last) => {
    expect([gatewayOf(network(text)), hostAddressOf(network(text)), lastAddress(network(text))]).toEqual([
      gateway,
      host,
      last,
    ]);
  });

  it('of one within another one are of the other one, too', () => {
    const cidr = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 29, max: 32 })).map(([last, prefix]) => ({
      address: formatAddress((0x0a000000 + last - (last % 2 ** (32 - prefix))) >>> 0),
      prefix,
    }));
    const members = ({ address, prefix }: { address: string; prefix: number }) => {
      const first = Number(address.split('.')[3]);
      return Array.from({ length: 2 ** (32 - prefix) }, (_, index) => first + index);
    };
    fc.assert(
      fc.property(cidr, cidr, (one, other) => {
        expect(overlaps(one, other)).toBe(members(one).some((member) => members(other).includes(member)));
        expect(isWithin(one, other)).toBe(members(one).every((member) => members(other).includes(member)));
      }),
    );
  });
});

describe('a policy', () => {
  it('is an ordered list for each direction', () => {
    const acl = aclOf({
      ingress: [
        { port: 80, protocol: 'tcp', action: 'allow' },
        { port: '8000-8080', protocol: 'any', source: '10.0.0.0/8', action: 'deny' },
        { port: 'any', protocol: 'icmp', source: 'any', action: 'allow' },
      ],
      egress: [{ destination: '10.0.2.10', action: 'deny' }],
    });
    expect(acl.text.split('\n')).toEqual([
      '0 allow ingress tcp 80 from any',
      '0 deny egress all to 10.0.2.10/32',
      // A port of any protocol is one of TCP and of UDP.
      '1 deny ingress tcp 8000-8080 from 10.0.0.0/8',
      '1 deny ingress udp 8000-8080 from 10.0.0.0/8',
      '2 allow ingress icmp from any',
      '',
    ]);
  });
});
