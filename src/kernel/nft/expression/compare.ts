/** Instructions that compare and calculate. Values are bytes as they lie in the register: `bytesOf` makes them. */

import type { Expression } from './instruction.js';

export type Comparison = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte';

/**
 * Stops the rule unless the register compares as said. The kernel compares byte by byte: for `lt` to `gte`, and for ranges, a number
 * in host order (a mark, a length) is to be turned to network order first, with `byteorder`.
 */
export const cmp = (operator: Comparison, value: Uint8Array, source = 1): Expression => ({
  name: 'cmp',
  data: { source, operator, data: { value } },
});

/** Stops the rule unless the register lies in (`eq`) or out of (`neq`) an inclusive range. */
export const range = (operator: 'eq' | 'neq', from: Uint8Array, to: Uint8Array, source = 1): Expression => ({
  name: 'range',
  data: { source, operator, from: { value: from }, to: { value: to } },
});

/** destination = source & mask ^ xor. */
export const bitwise = (mask: Uint8Array, xor: Uint8Array, source = 1, destination = 1): Expression => ({
  name: 'bitwise',
  data: { source, destination, length: mask.length, mask: { value: mask }, xor: { value: xor } },
});

/** destination = source shifted by so many bits; length in bytes. */
export const shift = (
  direction: 'left' | 'right',
  bits: number,
  length = 4,
  source = 1,
  destination = 1,
): Expression => {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, bits, true);
  const operation = direction === 'left' ? 'lshift' : 'rshift';
  return { name: 'bitwise', data: { source, destination, operation, length, data: { value } } };
};

/** Changes the byte order of a register; length of the whole and size of each number in bytes. */
export const byteorder = (
  operator: 'ntoh' | 'hton',
  length: number,
  size: number,
  source = 1,
  destination = 1,
): Expression => ({
  name: 'byteorder',
  data: { source, destination, operator, length, size },
});
