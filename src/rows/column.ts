/** One member of all objects of a list. */

export type ColumnKind = 'text' | 'integer' | 'networks';

export interface Column {
  readonly kind: ColumnKind;
  /** Whether a row without the member, or with null, is refused. */
  readonly isRequired: boolean;
}

export interface NetworkColumn {
  /** Where a row's networks begin; one more than rows. Rows without the member, with null or with [] have none. */
  readonly starts: Uint32Array;
  /** IPv4 address with host bits cleared; where the prefix is `otherPrefix`, the place of the text in `texts`. */
  readonly addresses: Uint32Array;
  /** 0–32, or `otherPrefix`. */
  readonly prefixes: Uint8Array;
}

/** What is in a column, by its kind. */
export interface ColumnContent {
  /** Places in `texts`, `noText` for none. */
  readonly text: Int32Array;
  /** `noInteger` for none. All safe integers have room here, so that whoever refuses one can say which. */
  readonly integer: Float64Array;
  readonly networks: NetworkColumn;
}

export const noText = -1;

/** Not a number, so it is found by `Number.isNaN`. */
export const noInteger = Number.NaN;

/** Marks a network that is no plain IPv4 network: IPv6, or nonsense. */
export const otherPrefix = 255;
