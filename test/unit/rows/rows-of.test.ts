import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Network } from '../../../src/address/ipv4-network.js';
import { formatAddress, parseNetwork } from '../../../src/model/address.js';
import { noInteger, noText, otherPrefix, RowError, rowsOf } from '../../../src/rows/rows.js';
import { leastRule, networkTexts, ruleColumns } from './arbitraries.js';

describe('rows of values', () => {
  it('has the members of all rows side by side', () => {
    const rows = rowsOf(
      [
        {
          ...leastRule,
          publicIp: '198.51.100.1',
          portStart: 99_999_999_999,
          sourceCidrs: ['10.1.2.3/8', '255.255.255.255'],
        },
        { ...leastRule, type: 'udp', publicIp: null, portStart: null, sourceCidrs: null, id: [{}] },
        { ...leastRule, type: '', number: -0, sourceCidrs: [] },
        { ...leastRule, sourceCidrs: ['2001:db8::/64', '0.0.0.0/0', 'tcp'] },
      ],
      ruleColumns,
    );
    expect(rows.count).toBe(4);
    const { texts } = rows;
    expect(texts.toSorted()).toEqual(['', '198.51.100.1', '2001:db8::/64', 'tcp', 'udp']);
    expect([...rows.type].map((place) => texts[place])).toEqual(['tcp', 'udp', '', 'tcp']);
    expect([...rows.publicIp]).toEqual([texts.indexOf('198.51.100.1'), noText, noText, noText]);
    expect([...rows.number]).toEqual([1, 1, -0, 1]);
    expect([...rows.portStart]).toEqual([99_999_999_999, noInteger, noInteger, noInteger]);
    expect([...rows.needed.starts]).toEqual([0, 0, 0, 0, 0]);
    expect([...rows.sourceCidrs.starts]).toEqual([0, 2, 2, 2, 5]);
    expect([...rows.sourceCidrs.addresses]).toEqual([
      0x0a000000,
      0xffffffff,
      texts.indexOf('2001:db8::/64'),
      0,
      texts.indexOf('tcp'),
    ]);
    expect([...rows.sourceCidrs.prefixes]).toEqual([8, 32, otherPrefix, 0, otherPrefix]);
  });

  it('has none', () => {
    const rows = rowsOf([], ruleColumns);
    expect(rows).toMatchObject({ count: 0, texts: [] });
    expect(rows.type).toEqual(new Int32Array());
    expect([...rows.sourceCidrs.starts]).toEqual([0]);
  });

  it.each([
    [null, '', 'expected an object'],
    ['tcp', '', 'expected an object'],
    [[], '', 'expected an object'],
    [undefined, '', 'expected an object'],
    [{}, 'type', 'expected a text'],
    [{ ...leastRule, type: null, number: 'one' }, 'type', 'expected a text'],
    [{ number: 'one', type: 'tcp' }, 'number', 'expected a whole number'],
    [{ ...leastRule, publicIp: 1 }, 'publicIp', 'expected a text'],
    [{ ...leastRule, number: 1.5 }, 'number', 'expected a whole number'],
    [{ ...leastRule, number: 2 ** 53 }, 'number', 'expected a whole number'],
    [{ ...leastRule, portStart: '80' }, 'portStart', 'expected a whole number'],
    [{ ...leastRule, needed: null }, 'needed', 'expected a list of texts'],
    [{ ...leastRule, sourceCidrs: '10.0.0.0/8' }, 'sourceCidrs', 'expected a list of texts'],
    [{ ...leastRule, sourceCidrs: ['10.0.0.0/8', null] }, 'sourceCidrs', 'expected a list of texts'],
    [{ ...leastRule, sourceCidrs: { 0: '10.0.0.0/8', length: 1 } }, 'sourceCidrs', 'expected a list of texts'],
  ])('refuses %j: %s: %s', (row, path, words) => {
    const read = () => rowsOf([leastRule, row, {}], ruleColumns);
    expect(read).toThrow(RowError);
    expect(read).toThrow(expect.objectContaining({ index: 1, path, words }));
  });
});

describe('an IPv4 network as numbers', () => {
  it('is the one the model reads', () => {
    fc.assert(
      fc.property(networkTexts, (text) => {
        const network = ipv4Network(text);
        expect(network && { address: formatAddress(network.address), prefix: network.prefix }).toEqual(
          parseNetwork(text),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
