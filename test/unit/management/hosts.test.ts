import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cksum } from '../../../src/management/cksum.js';
import { hostsInOrder, listHosts } from '../../../src/management/hosts.js';

describe('cksum', () => {
  it('is what cksum(1) prints', () => {
    for (const text of ['', '0', '42', '18446744073709551615', 'x'.repeat(300), '\xff\0ä'])
      expect(cksum(Buffer.from(text))).toBe(Number(execFileSync('cksum', { input: text }).toString().split(' ')[0]));
  });

  it('is no negative number and has no more than 32 bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const sum = cksum(bytes);
        return Number.isInteger(sum) && sum >= 0 && sum < 2 ** 32;
      }),
    );
  });
});

describe('the list of hosts', () => {
  it.each([
    ['10.0.0.1', '', ['10.0.0.1']],
    [' 10.0.0.1 , 10.0.0.2', '10.0.0.9', ['10.0.0.1', '10.0.0.2']],
    ['', '10.0.0.9', ['10.0.0.9']],
    ['', '', []],
    ['a,b,', '', ['a', 'b']],
    ['a,,b', '', ['a', '', 'b']],
  ])('%j and %j', (hosts, host, expected) => {
    expect(listHosts(hosts, host)).toEqual(expected);
  });

  it('is asked from the place the id falls on, round about, empty places left out', () => {
    // cksum(1) of "7" is 4228067591: the third of three.
    expect(hostsInOrder(['a', 'b', 'c'], '7')).toEqual(['c', 'a', 'b']);
    expect(hostsInOrder(['a', 'b', ''], '7')).toEqual(['a', 'b']);
  });

  it('is always asked as a whole', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1 }), fc.nat(), (hosts, id) => {
        expect([...hostsInOrder(hosts, String(id))].sort()).toEqual([...hosts].sort());
      }),
    );
  });
});
