import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedOptionValue, formatOptionValue, parseOptionCode } from '../../../src/model/dhcp-option.js';
import { isDnsName, parseDomainName, parseMac } from '../../../src/model/host-name.js';
import { isLeaseName } from '../../../src/model/name-service.js';
import { injections } from './injections.js';

describe('names', () => {
  it.each(['a', 'web-1', '1a', 'A-b', 'a'.repeat(63), 'web.dev.example.org', 'xn--bcher-kva'])('%s is one', (text) => {
    expect(isDnsName(text)).toBe(true);
  });

  it.each([
    '',
    '-a',
    'a-',
    'a_b',
    'a b',
    'a.',
    '.a',
    'a..b',
    'a'.repeat(64),
    `${'a.'.repeat(127)}aa`,
    '10.1.1.1',
    'a.1',
    'a\n',
    'a,b',
    'a#b',
    'bücher',
    ...injections,
  ])('%j is none', (text) => {
    expect(isDnsName(text)).toBe(false);
  });

  it('a domain may end with a dot', () => {
    expect(parseDomainName('dev.example.org.')).toBe('dev.example.org');
    expect(parseDomainName('.')).toBeUndefined();
  });

  it('words that dnsmasq takes for something else do not stand in a host line', () => {
    expect(['ignore', 'Infinite', '42', '7d', '12H'].filter(isLeaseName)).toEqual([]);
    expect(['ignored', '7d2', 'web-1', 'a7d'].filter((name) => !isLeaseName(name))).toEqual([]);
  });
});

describe('MAC addresses', () => {
  it('have one spelling', () => {
    expect(parseMac('02:01:FE:00:4c:01')).toBe('02:01:fe:00:4c:01');
  });

  it.each([
    '',
    '02:01:fe:00:4c',
    '02:01:fe:00:4c:01:02',
    '02-01-fe-00-4c-01',
    'ff:ff:ff:ff:ff:ff',
    '01:00:5e:00:00:01',
    '00:00:00:00:00:00',
    '02:01:fe:00:4c:01,',
    ...injections,
  ])('%j is none', (text) => expect(parseMac(text)).toBeUndefined());
});

describe('DHCP options', () => {
  it('have numbers from 1 to 254', () => {
    expect([1, 42, 254].map((code) => parseOptionCode(String(code)))).toEqual([1, 42, 254]);
    expect(
      ['', '0', '255', '256', '042', '1e1', '-1', '1 ', ' 1', '1,2'].filter(
        (code) => parseOptionCode(code) !== undefined,
      ),
    ).toEqual([]);
  });

  it.each([
    [42, '192.0.2.1,192.0.2.2', '192.0.2.1,192.0.2.2'],
    [42, '192.0.2.1, 192.0.2.2', '192.0.2.1,192.0.2.2'],
    [26, '1400', '1400'],
    [119, 'a.example.org,b.example.org', 'a.example.org,b.example.org'],
    [121, '10.0.0.0/8,10.1.1.1', '10.0.0.0/8,10.1.1.1'],
    [66, 'say "hi"', '"say \\"hi\\""'],
    [67, 'C:\\boot, pxe', '"C:\\\\boot, pxe"'],
    [12, '10.1.1.1', '"10.1.1.1"'],
    [224, '01:02:ff', '01:02:ff'],
    [224, 'text', '"text"'],
    [224, '# no comment', '"# no comment"'],
  ])('option %i %j is written as %s', (code, value, formatted) => {
    expect(formatOptionValue(code, value)).toBe(formatted);
  });

  it.each([
    [42, 'ntp.example.org'],
    [42, ''],
    [26, 'a'],
    [26, '1,2'],
    [119, 'a b'],
    [121, '10.0.0.0/8'],
    [121, '10.1.1.1,10.0.0.0/8'],
    [66, 'a\nb'],
    [66, 'a\0'],
    [66, 'x'.repeat(256)],
    [224, 'a\r'],
  ])('option %i does not take %j', (code, value) => {
    expect(formatOptionValue(code, value)).toBeUndefined();
    expect(expectedOptionValue(code)).not.toBe('');
  });

  it('never leave their line, and text never leaves its quotes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 254 }),
        fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...injections)),
        (code, value) => {
          const formatted = formatOptionValue(code, value);
          if (formatted === undefined) return;
          expect(formatted).not.toMatch(/[\r\n\0]/);
          if (!formatted.startsWith('"')) expect(formatted).toMatch(/^[A-Za-z0-9.,:/-]+$/);
          else expect(formatted.slice(1, -1).replace(/\\[\\"]/g, '')).not.toMatch(/["\\]/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
