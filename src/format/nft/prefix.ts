/** Prefixes: ranges of addresses that share their first bits. */

/** Length of the mask if it is one bits followed by zero bits. */
export function maskLength(mask: Uint8Array): number | undefined {
  let length = 0;
  while (length < 8 * mask.length && bit(mask, length)) length++;
  for (let index = length; index < 8 * mask.length; index++) if (bit(mask, index)) return undefined;
  return length;
}

/** Length of the prefix that is the range, if it is one: below the common bits, `first` has only zeros and `last` only ones. */
export function prefixLength(first: Uint8Array, last: Uint8Array): number | undefined {
  let length = 0;
  while (length < 8 * first.length && bit(first, length) === bit(last, length)) length++;
  for (let index = length; index < 8 * first.length; index++) {
    if (bit(first, index) || !bit(last, index)) return undefined;
  }
  return length;
}

function bit(bytes: Uint8Array, index: number): boolean {
  return (((bytes[index >> 3] ?? 0) << (index & 7)) & 0x80) !== 0;
}
