import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidrContains,
  formatAddress,
  formatCidr,
  isAddress,
  isHostAddress,
  networkOf,
  parseAddress,
  parseCidr,
  parseNetwork,
} from '../../../src/model/address.js';
import { isDeviceName } from '../../../src/model/device.js';
import { isIdentifier } from '../../../src/model/identifier.js';
import { formatPortRange, parsePortRange, portCount } from '../../../src/model/ports.js';
import { formatVlan, parseVlan } from '../../../src/model/vlan.js';
import { anyAddress, anyIdentifier, anyPortRange, anyVlan } from './arbitraries.js';

/** Text that looks a lot like what is looked for. */
const nearly = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[0-9.:/-]{0,20}$/),
  fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){2,4}(\/[0-9]{1,3})?$/),
);

describe('addresses', () => {
  it('read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        expect(parseAddress(formatAddress(value))).toBe(value);
      }),
    );
  });

  it('are what Node takes for IPv4, and nothing else', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        expect(isAddress(text)).toBe(isIPv4(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4/32',
    ' 1.2.3.4',
    '1.2.3.4\n',
    'host',
    '::1',
    '1..2.3',
    '١.1.1.1',
  ])('refuse %j', (text) => expect(isAddress(text)).toBe(false));

  it('of hosts leave out what no host can have', () => {
    for (const good of ['10.1.1.1', '1.0.0.0', '223.255.255.255', '169.254.0.1'])
      expect(isHostAddress(good)).toBe(true);
    for (const bad of ['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '10.1.1.0/24'])
      expect(isHostAddress(bad)).toBe(false);
  });
});

describe('CIDRs', () => {
  it('read back', () => {
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        expect(parseCidr(formatCidr({ address, prefix }))).toEqual({ address, prefix });
      }),
    );
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0/8',
    '10.0.0.0/255.0.0.0',
    '/24',
    '10.0.0.0/8/8',
    '10.0.0.0/8\n',
  ])('refuse %j', (text) => expect(parseCidr(text)).toBeUndefined());

  it('are networks with their host bits cleared, an address one of its own', () => {
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        expect(parseNetwork(formatCidr({ address, prefix }))).toEqual(networkOf({ address, prefix }));
        expect(parseNetwork(address)).toEqual({ address, prefix: 32 });
      }),
    );
    for (const wrong of [
      '10.0.0.0/',
      '10.0.0.0/33',
      '10.0.0.0/08',
      '10.0.0/8',
      '/24',
      '10.0.0.0/8/8',
      '10.0.0.0/8\n',
      '',
    ]) {
      expect(parseNetwork(wrong)).toBeUndefined();
    }
  });

  it('know what they contain', () => {
    const cidr = { address: '10.1.1.7', prefix: 24 };
    expect(networkOf(cidr)).toEqual({ address: '10.1.1.0', prefix: 24 });
    expect(cidrContains(cidr, '10.1.1.255')).toBe(true);
    expect(cidrContains(cidr, '10.1.2.0')).toBe(false);
    expect(cidrContains({ address: '200.0.0.0', prefix: 0 }, '1.2.3.4')).toBe(true);
    expect(cidrContains({ address: '203.0.113.1', prefix: 32 }, '203.0.113.1')).toBe(true);
    expect(cidrContains({ address: '203.0.113.1', prefix: 32 }, '3.0.113.1')).toBe(false);
    expect(cidrContains(cidr, 'nonsense')).toBe(false);
  });
});

describe('VLANs', () => {
  it('read back, with a scheme or without', () => {
    fc.assert(
      fc.property(anyVlan, (vlan) => {
        expect(parseVlan(formatVlan(vlan))).toBe(vlan);
        expect(parseVlan(`vlan://${vlan}`)).toBe(vlan);
      }),
    );
  });

  it.each(['', 'vlan://', '0', '4095', '5001', '0100', '1.5', '-1', '1e2', 'vlan:100', 'vlan://vlan://1', '100 '])(
    'refuse %j',
    (text) => expect(parseVlan(text)).toBeUndefined(),
  );
});

describe('port ranges', () => {
  it('read back, both ways of writing them', () => {
    fc.assert(
      fc.property(anyPortRange, (range) => {
        expect(parsePortRange(formatPortRange(range))).toEqual(range);
        expect(parsePortRange(formatPortRange(range, ':'))).toEqual(range);
        expect(parsePortRange(`${range.first}-${range.last}`)).toEqual(range);
        expect(portCount(range)).toBe(range.last - range.first + 1);
      }),
    );
  });

  it('accept nothing but ports', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        const range = parsePortRange(text);
        if (range !== undefined) expect(text).toMatch(/^[1-9][0-9]{0,4}([-:][1-9][0-9]{0,4})?$/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '0',
    '65536',
    '70000',
    '022',
    '10-5',
    '1-2-3',
    '1:2-3',
    '-5',
    '5-',
    ':',
    '1 - 2',
    '22\n',
    '1e3',
    '0x16',
  ])('refuse %j', (text) => expect(parsePortRange(text)).toBeUndefined());
});

describe('ids', () => {
  it('are digits', () => {
    fc.assert(
      fc.property(anyIdentifier, (id) => {
        expect(isIdentifier(id)).toBe(true);
      }),
    );
    for (const bad of ['', '007', '-1', '1.0', '1 ', '1\n', '../1', '1'.repeat(21), '٣', '0x1'])
      expect(isIdentifier(bad)).toBe(false);
  });
});

describe('device names', () => {
  it.each(['eth1', 'bond0.100', 'enp3s0f0np0', 'a', 'x'.repeat(15), 'br-lan', 'eth1@if2'])('accept %j', (name) =>
    expect(isDeviceName(name)).toBe(true),
  );
  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a b',
    'a\tb',
    'eth1\n',
    'eth%d',
    'eth0:1',
    'x'.repeat(16),
    'éth',
    'a"b',
    'a\\b',
    '\u007f',
  ])('refuse %j', (name) => expect(isDeviceName(name)).toBe(false));
});
