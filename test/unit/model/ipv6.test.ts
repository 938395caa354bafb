import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ipv6Contains,
  ipv6Network,
  parseIpv6,
  parseIpv6Cidr,
  parseIpv6Host,
  parseIpv6Hosts,
} from '../../../src/model/ipv6.js';

/** 128 bits as digits. */
const anyBits = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const written = (value: bigint) =>
  value
    .toString(16)
    .padStart(32, '0')
    .replace(/(.{4})(?!$)/g, '$1:');

describe('IPv6 addresses', () => {
  it('have one spelling, whichever of the many they came in', () => {
    for (const text of ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', '2001:0db8::0001', '2001:db8:0::0.0.0.1']) {
      expect(parseIpv6(text)).toBe('2001:db8::1');
    }
    fc.assert(
      fc.property(anyBits, (value) => {
        const text = parseIpv6(written(value)) ?? '';
        expect(isIPv6(text)).toBe(true);
        // The WHATWG's URL parser writes them as RFC 5952 does.
        expect(`[${text}]`).toBe(new URL(`http://[${written(value)}]`).hostname);
        expect(parseIpv6(text)).toBe(text);
      }),
    );
  });

  it('are nothing else', () => {
    for (const text of ['', '10.1.1.1', '2001:db8', 'fe80::1%eth0', '2001:db8::1/64', '::1::', ' ::1', '2001:db8::g']) {
      expect(parseIpv6(text)).toBeUndefined();
    }
  });

  it('of hosts are those that others can reach', () => {
    for (const text of ['::', '::1', 'fe80::1', 'febf::1', 'ff02::1']) expect(parseIpv6Host(text)).toBeUndefined();
    for (const text of ['2001:db8::1', 'fd00::1', 'fec0::1']) expect(parseIpv6Host(text)).toBe(text);
    expect(parseIpv6Hosts('2001:db8::53,,2001:DB8::53,fd00::53')).toEqual(['2001:db8::53', 'fd00::53']);
    expect(parseIpv6Hosts('2001:db8::53,10.1.1.1')).toBeUndefined();
  });
});

describe('IPv6 networks', () => {
  it('lose their host bits', () => {
    expect(parseIpv6Cidr('2001:db8:1:2:3::4/64')).toEqual({ address: '2001:db8:1:2::', prefix: 64 });
    expect(parseIpv6Cidr('2001:db8::7')).toEqual({ address: '2001:db8::7', prefix: 128 });
    expect(parseIpv6Cidr('ffff:ffff::/0')).toEqual({ address: '::', prefix: 0 });
    for (const text of ['2001:db8::/129', '2001:db8::/', '2001:db8::/064', '10.1.1.0/24', '2001:db8::/64/64']) {
      expect(parseIpv6Cidr(text)).toBeUndefined();
    }
  });

  it('hold the addresses that begin with their bits', () => {
    fc.assert(
      fc.property(anyBits, anyBits, fc.integer({ min: 0, max: 128 }), fc.boolean(), (one, other, prefix, isNear) => {
        const shift = BigInt(128 - prefix);
        const address = isNear ? ((one >> shift) << shift) | (other & ((1n << shift) - 1n)) : other;
        const network = ipv6Network(written(one), prefix);
        const isInside = one >> shift === address >> shift;
        expect(ipv6Contains({ address: network, prefix }, written(address))).toBe(isInside);
      }),
    );
    expect(ipv6Contains({ address: '::', prefix: 0 }, '10.1.1.1')).toBe(false);
    expect(ipv6Contains({ address: '10.0.0.0', prefix: 8 }, '2001:db8::1')).toBe(false);
  });
});
