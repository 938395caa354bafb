/** Packed elements are what the same elements are one by one: to the kernel, and when they are printed. */

import { describe, expect, it } from 'vitest';
import { NetfilterSocket, NetfilterTransaction } from '../../../src/kernel/index.js';
import type { Element } from '../../../src/kernel/nft/elements.js';
import type { PackedElements } from '../../../src/kernel/nft/packed-elements.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import { keyLength, writeKeys } from '../../../src/kernel/nft/type.js';

const table = { object: 'table', family: 'ip', name: 'packed' } as const;
const set = (key: NamedSet['key'], interval = false): NamedSet => ({
  object: 'set',
  table,
  name: 'all',
  key,
  ...(interval ? { interval } : {}),
});

function pack(own: NamedSet, elements: readonly Element[]): PackedElements {
  const bytes = (rows: readonly Element['key'][]) => {
    const keys = new Uint8Array(rows.length * keyLength(own.key));
    writeKeys(own.key, rows, keys, own.interval === true);
    return keys;
  };
  const keyBytes = bytes(elements.map(({ key }) => key));
  return own.interval === true
    ? { keyBytes, endBytes: bytes(elements.map(({ key, end }) => end ?? key)) }
    : { keyBytes };
}

const one = (last: number): Element => ({ key: [`192.0.2.${last}`] });
const port = (first: number): Element => ({ key: ['192.0.2.1', 6, first] });
const range = (first: number, last: number): Element => ({ key: ['192.0.2.1', first], end: ['192.0.2.1', last] });

describe('packed elements', () => {
  it.each<[string, NamedSet, readonly Element[]]>([
    ['of one field', set(['ipv4_addr']), [one(1), one(2), one(3)]],
    ['of one field that is shorter than a register', set(['inet_proto']), [{ key: [6] }, { key: [17] }]],
    ['of IPv6', set(['ipv6_addr', 'inet_service']), [{ key: ['2001:db8::1', 80] }]],
    ['of several fields', set(['ipv4_addr', 'inet_proto', 'inet_service']), [port(22), port(80)]],
    [
      'too many for one message',
      set(['ipv4_addr', 'inet_proto', 'inet_service']),
      Array.from({ length: 5000 }, (_, n) => port(n)),
    ],
    ['with intervals', set(['ipv4_addr', 'inet_service'], true), [range(1, 9), range(20, 20), range(30, 31)]],
    ['none', set(['ipv4_addr']), []],
  ])('%s', (_, own, elements) => {
    const packed = new NetfilterTransaction().add(own).addElements(own, pack(own, elements));
    const plain = new NetfilterTransaction().add(own).addElements(own, elements);
    expect(Buffer.from(NetfilterSocket.encode(packed)).equals(Buffer.from(NetfilterSocket.encode(plain)))).toBe(true);
    expect(packed.operations.map(({ subject }) => subject)).toEqual(plain.operations.map(({ subject }) => subject));
    const printed = packed.steps.flatMap((step) => ('elements' in step ? step.elements : []));
    expect(printed).toEqual(
      elements.map(({ key, end }) => (end === undefined || end[1] === key[1] ? { key } : { key, end })),
    );
  });

  it('are no form of the intervals of a single field, which need their ends marked', () => {
    const own = set(['ipv4_addr'], true);
    expect(() => new NetfilterTransaction().addElements(own, { keyBytes: new Uint8Array(4) })).toThrow(
      'set ip packed all: its intervals have no packed form',
    );
  });
});
