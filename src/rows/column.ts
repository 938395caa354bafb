/** One member of all objects of a list. */

import type { ColumnKind } from '../kernel/native.js';

export type { ColumnContent, ColumnKind, NetworkColumn } from '../kernel/native.js';

export interface Column {
  readonly kind: ColumnKind;
  /** Whether a row without the member, or with null, is refused. */
  readonly isRequired: boolean;
}

/** In a column of texts. */
export const noText = -1;

/** In a column of integers. Not a number, so it is found by `Number.isNaN`. */
export const noInteger = Number.NaN;

/** Marks a network that is no plain IPv4 network: IPv6, or nonsense. Its address is the place of its text in `texts`. */
export const otherPrefix = 255;
