/** Elements of sets and maps: `192.0.2.1 . 6 . 80-90 comment "web" : 10.0.0.1`. */

import type { Element } from '../../kernel/nft/elements.js';
import { dataFields, type NamedSet } from '../../kernel/nft/set.js';
import { dataTypes, type TypeName, type Value } from '../../kernel/nft/type.js';
import { bytesText, type DataType, quoted, typeNamed, types, valueText } from './data-type.js';
import { prefixLength } from './prefix.js';
import { type FormatOptions, numbersOnly } from './style.js';
import { verdictText } from './verdict.js';

/** What is known of the fields of sets whose types have no name in `TypeName`: the kernel layer gives their keys as digits. */
export interface FieldTypes {
  /** Type and length in bytes of each field. */
  readonly fields: readonly { readonly type: DataType; readonly length: number }[];
}

/** The interval of one field, both ends inclusive; `only` when the key has no other. */
function fieldText(type: TypeName, first: Value, last: Value, only: boolean, options: FormatOptions): string {
  const text = valueText(type, first, options);
  if (first === last) return text;
  // nft 1.0.6 prints prefixes of marks in concatenations, too, but reads them the wrong way round.
  if (type === 'ipv4_addr' || type === 'ipv6_addr' || (type === 'mark' && only)) {
    const length = prefixOf(type, first, last);
    if (length !== undefined) return `${text}/${length}`;
  }
  if (type === 'ifname' && String(last).startsWith(String(first)) && String(last).length === 16) {
    return quoted(`${first}*`);
  }
  const numeric = numbersOnly(options);
  return `${valueText(type, first, numeric)}-${valueText(type, last, numeric)}`;
}

/** Length of the prefix that an interval is; undefined when it is none. */
function prefixOf(type: TypeName, first: Value, last: Value): number | undefined {
  const { write, length } = dataTypes[type];
  const [low, high] = [new Uint8Array(length), new Uint8Array(length)];
  write(first, low, 0, true);
  write(last, high, 0, true);
  return prefixLength(low, high);
}

/** A key of hexadecimal digits, cut into fields as a register holds them: padded to 4 bytes where there are several. */
function digitsText(set: NamedSet, element: Element, known: FieldTypes | undefined, options: FormatOptions): string {
  const bytes = Buffer.from(String(element.key[0] ?? ''), 'hex');
  const ends = element.end === undefined ? bytes : Buffer.from(String(element.end[0] ?? ''), 'hex');
  const fields = known?.fields ?? [{ type: types.raw, length: bytes.length }];
  const numeric = numbersOnly(options);
  let offset = 0;
  const texts = fields.map(({ type, length }) => {
    const [first, last] = [bytes, ends].map((key) => key.subarray(offset, offset + length)) as [Buffer, Buffer];
    offset += (length + 3) & ~3;
    // Interval sets keep all numbers in network order.
    const text = (value: Uint8Array, how: FormatOptions) =>
      set.interval === true ? type.text(value, how) : bytesText(type, value, how);
    return first.equals(last) ? text(first, options) : `${text(first, numeric)}-${text(last, numeric)}`;
  });
  return texts.join(' . ');
}

/** The key of an element, or its interval. */
export function keyText(set: NamedSet, element: Element, options: FormatOptions, known?: FieldTypes): string {
  const { key, end } = element;
  if (set.key.length === 0) return digitsText(set, element, known, options);
  let text = '';
  for (let index = 0; index < set.key.length; index++) {
    const type = set.key[index] as TypeName;
    const first = key[index] as Value;
    if (index > 0) text += ' . ';
    text +=
      end === undefined
        ? valueText(type, first, options)
        : fieldText(type, first, end[index] ?? first, set.key.length === 1, options);
  }
  return text;
}

function dataText(set: NamedSet, { data, refersTo }: Element, options: FormatOptions): string {
  if (refersTo !== undefined) return quoted(refersTo);
  if (data === undefined) return '';
  if ('code' in data) return verdictText(data);
  const fields = dataFields(set);
  if (fields.length === 0) return `[ 0x${data.join('')} ]`;
  return fields.map((type, index) => valueText(type, data[index] as Value, options)).join(' . ');
}

/** An element as it stands in `elements = { … }` and in `add element`. */
export function elementText(set: NamedSet, element: Element, options: FormatOptions, known?: FieldTypes): string {
  const key = keyText(set, element, options, known);
  const comment = element.comment === undefined ? '' : ` comment ${quoted(element.comment)}`;
  const data = set.data === undefined ? '' : dataText(set, element, options);
  return `${key}${comment}${data === '' ? '' : ` : ${data}`}`;
}

/** How many elements nft prints in one line. */
function perLine(set: NamedSet): number {
  const [only] = set.key;
  return set.key.length === 1 && only !== undefined ? (typeNamed(only).perLine ?? 1) : 1;
}

/**
 * The elements in the order in which nft lists them. That of a single field is the order of its values as numbers; concatenations are
 * compared as one number in host order. Concatenated intervals stay in the order in which the kernel lists them.
 */
export function sortedElements(set: NamedSet, elements: readonly Element[], known?: FieldTypes): readonly Element[] {
  if (elements.length < 2 || (set.interval === true && set.key.length > 1)) return elements;
  const rank = set.key.length === 0 ? digitsRank(set, known) : valuesRank(set);
  const ranked = elements.map((element) => ({ rank: rank(element), element }));
  ranked.sort((left, right) => (left.rank < right.rank ? -1 : left.rank > right.rank ? 1 : 0));
  return ranked.map(({ element }) => element);
}

/** A text for each element whose order is that of the elements. */
function valuesRank(set: NamedSet): (element: Element) => string {
  const fields = set.key.map((type) => dataTypes[type]);
  const hostOrder = set.interval !== true && (fields.length > 1 || fields[0]?.byteOrder === 1);
  const bytes = Buffer.alloc(fields.reduce((sum, { length }) => sum + length, 0));
  return ({ key }) => {
    bytes.fill(0);
    let offset = 0;
    for (let index = 0; index < fields.length; index++) {
      const type = fields[index] as (typeof fields)[number];
      type.write(key[index] as Value, bytes, offset, set.interval === true);
      offset += type.length;
    }
    return (hostOrder ? bytes.reverse() : bytes).toString('latin1');
  };
}

/** The same for keys of hexadecimal digits. */
function digitsRank(set: NamedSet, known: FieldTypes | undefined): (element: Element) => string {
  const fields = known?.fields ?? [];
  const hostOrder = set.interval !== true && (fields.length > 1 || fields[0]?.type.hostOrder === true);
  return ({ key }) => {
    const bytes = Buffer.from(String(key[0] ?? ''), 'hex');
    return (hostOrder ? bytes.reverse() : bytes).toString('latin1');
  };
}

/** `elements = { … }` with nft's line breaks, as it stands in a set's block; undefined for an empty set. */
export function elementsText(set: NamedSet, elements: readonly Element[], options: FormatOptions): string | undefined {
  if (elements.length === 0) return undefined;
  const each = perLine(set);
  let text = 'elements = { ';
  sortedElements(set, elements).forEach((element, index) => {
    if (index > 0) text += index % each === 0 ? ',\n\t\t\t     ' : ', ';
    text += elementText(set, element, options);
  });
  return `${text} }`;
}
