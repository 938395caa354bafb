/** Columns made from values, one row after the other. */

import { ipv4Network } from '../address/ipv4-network.js';
import { type Column, type ColumnContent, type ColumnKind, noInteger, noText, otherPrefix } from './column.js';

export interface ColumnBuilder<Kind extends ColumnKind = ColumnKind> {
  /** What a member should be, as in "expected a text". */
  readonly words: string;
  /** Whether the value is one of this column; undefined and null are none. */
  add(value: unknown): boolean;
  content(): ColumnContent[Kind];
}

/** Each different text once. */
export class Texts {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}

/** @param count how many rows there will be */
export function columnBuilder(column: Column, count: number, texts: Texts): ColumnBuilder {
  switch (column.kind) {
    case 'text':
      return textBuilder(column, count, texts);
    case 'integer':
      return integerBuilder(column, count);
    case 'networks':
      return networkBuilder(column, count, texts);
  }
}

const isNothing = (value: unknown): value is null | undefined => value === undefined || value === null;

function textBuilder({ isRequired }: Column, count: number, texts: Texts): ColumnBuilder<'text'> {
  const places = new Int32Array(count);
  let row = 0;
  return {
    words: 'a text',
    add(value) {
      if (typeof value !== 'string' && (isRequired || !isNothing(value))) return false;
      places[row++] = isNothing(value) ? noText : texts.place(value);
      return true;
    },
    content: () => places,
  };
}

function integerBuilder({ isRequired }: Column, count: number): ColumnBuilder<'integer'> {
  const integers = new Float64Array(count);
  let row = 0;
  return {
    words: 'a whole number',
    add(value) {
      if (!isSafeInteger(value) && (isRequired || !isNothing(value))) return false;
      integers[row++] = isNothing(value) ? noInteger : value;
      return true;
    },
    content: () => integers,
  };
}

const isSafeInteger = (value: unknown): value is number => Number.isSafeInteger(value);

function networkBuilder({ isRequired }: Column, count: number, texts: Texts): ColumnBuilder<'networks'> {
  const starts = new Uint32Array(count + 1);
  const addresses: number[] = [];
  const prefixes: number[] = [];
  let row = 0;
  return {
    words: 'a list of texts',
    add(value) {
      if (!isTexts(value) && (isRequired || !isNothing(value))) return false;
      for (const text of value ?? []) {
        const network = ipv4Network(text);
        addresses.push(network === undefined ? texts.place(text) : network.address);
        prefixes.push(network === undefined ? otherPrefix : network.prefix);
      }
      starts[++row] = addresses.length;
      return true;
    },
    content: () => ({ starts, addresses: Uint32Array.from(addresses), prefixes: Uint8Array.from(prefixes) }),
  };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
