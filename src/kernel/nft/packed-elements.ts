/** Elements of a set as bytes, for lists of tens of thousands: an object for each would take longer than the kernel takes for the element. */

import type { Element } from './elements.js';
import type { NamedSet } from './set.js';
import { keyLength, readKey } from './type.js';

/**
 * The keys of a set one behind the other, each as the kernel has it: the fields in network order,
 * those of a concatenation padded with zeros to 4 bytes each. For maps, comments and the intervals of a single field there is no packed form.
 */
export interface PackedElements {
  readonly keyBytes: Uint8Array;
  /** Last keys of the intervals, inclusive, in the order of `keyBytes`; only where a concatenation holds intervals. */
  readonly endBytes?: Uint8Array;
}

export function isPacked(elements: readonly Element[] | PackedElements): elements is PackedElements {
  return 'keyBytes' in elements;
}

/** How many there are. */
export function packedCount(set: NamedSet, { keyBytes }: PackedElements): number {
  return keyBytes.length / keyLength(set.key);
}

/** The elements one by one, for printing. */
export function unpackElements(set: NamedSet, { keyBytes, endBytes }: PackedElements): Element[] {
  const width = keyLength(set.key);
  const interval = set.interval === true;
  return Array.from({ length: keyBytes.length / width }, (_, index) => {
    const read = (bytes: Uint8Array) => readKey(set.key, bytes.subarray(index * width, (index + 1) * width), interval);
    const key = read(keyBytes);
    const end = endBytes === undefined ? key : read(endBytes);
    return end.every((value, field) => value === key[field]) ? { key } : { key, end };
  });
}
