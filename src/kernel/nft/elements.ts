import { isPacked, type PackedElements } from './packed-elements.js';
import { dataFields, type NamedSet, setWords } from './set.js';
import { keyLength, readKey, type TypeName, type Value, writeKey, writeKeys } from './type.js';
import { commentOf, commentUserdata } from './userdata.js';
import type { Verdict } from './verdict.js';

/** NFT_SET_ELEM_INTERVAL_END of linux/netfilter/nf_tables.h. */
const NFT_SET_ELEM_INTERVAL_END = 1;

/** One nested attribute holds 64 KiB; this leaves room for headers. */
const mostBytes = 60_000;

/** An element of a set or map. */
export interface Element {
  readonly key: readonly Value[];
  /** Last key of the interval, inclusive; equal to `key` when absent. Only in interval sets. */
  readonly end?: readonly Value[];
  /** What the key leads to: values or a verdict. Absent in sets, and when deleting. */
  readonly data?: readonly Value[] | Verdict;
  /** Name of the counter, quota or limit that the key leads to, in a map to objects. */
  readonly refersTo?: string;
  readonly comment?: string;
}

/** The element part of an NFT_MSG_NEWSETELEM: packed bytes (native/codec/elements.h), or a list where elements carry verdicts. */
export type ElementBlock =
  | {
      readonly packed: {
        readonly keyLength: number;
        readonly keys: Uint8Array;
        readonly keyEnds?: Uint8Array;
        readonly dataLength?: number;
        readonly data?: Uint8Array;
        readonly flags?: Uint8Array;
      };
    }
  | { readonly elements: readonly object[] };

/** One key; the keys of interval sets must compare as bytes do. */
function keyBytes(set: NamedSet, values: readonly Value[]): Uint8Array {
  const bytes = new Uint8Array(keyLength(set.key));
  writeKey(set.key, values, bytes, 0, set.interval === true);
  return bytes;
}

function dataBytes(fields: readonly TypeName[], values: readonly Value[]): Uint8Array {
  const bytes = new Uint8Array(keyLength(fields));
  writeKey(fields, values, bytes, 0);
  return bytes;
}

/** Adds one to a big-endian number; undefined when it was the highest. */
function successor(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice();
  for (let index = next.length - 1; index >= 0; index--) {
    const byte = ((next[index] ?? 0) + 1) & 255;
    next[index] = byte;
    if (byte !== 0) return next;
  }
  return undefined;
}

/** The part of an element that says what its key leads to. */
function target(set: NamedSet, { data, refersTo }: Element): object {
  if (data === undefined) return { object: refersTo };
  if ('code' in data) return { data: { verdict: data } };
  return { data: { value: dataBytes(dataFields(set), data) } };
}

/** Elements as objects, one attribute tree each: for comments, and for maps to verdicts or objects. */
function asObjects(set: NamedSet, elements: readonly Element[]): object[] {
  const concatenated = set.key.length > 1;
  return elements.flatMap((element) => {
    const key = keyBytes(set, element.key);
    const last = element.end === undefined ? key : keyBytes(set, element.end);
    const first = {
      key: { value: key },
      keyEnd: set.interval === true && concatenated ? { value: last } : undefined,
      ...target(set, element),
      userdata: element.comment === undefined ? undefined : commentUserdata('element', element.comment),
    };
    if (set.interval !== true || concatenated) return [first];
    const after = successor(last);
    return after === undefined ? [first] : [first, { flags: NFT_SET_ELEM_INTERVAL_END, key: { value: after } }];
  });
}

/** Splits into blocks that fit one message each. */
function asObjectBlocks(set: NamedSet, elements: readonly Element[]): ElementBlock[] {
  const each = 2 * keyLength(set.key) + 256;
  const perBlock = Math.max(1, Math.floor(mostBytes / (2 * each)));
  const blocks: ElementBlock[] = [];
  for (let start = 0; start < elements.length; start += perBlock) {
    blocks.push({ elements: asObjects(set, elements.slice(start, start + perBlock)) });
  }
  return blocks;
}

interface Packed {
  readonly keys: Uint8Array;
  readonly keyEnds?: Uint8Array;
  readonly data: Uint8Array;
  readonly flags?: Uint8Array;
}

function dataOf(set: NamedSet, element: Element): readonly Value[] {
  if (element.data === undefined || 'code' in element.data) {
    throw new TypeError(`map ${set.name}: an element has no data`);
  }
  return element.data;
}

/** Plain intervals: each becomes its start and the exclusive end behind it. */
function packIntervals(set: NamedSet, fields: readonly TypeName[], elements: readonly Element[]): Packed {
  const width = keyLength(set.key);
  const dataWidth = keyLength(fields);
  const keys = new Uint8Array(2 * elements.length * width);
  const data = new Uint8Array(2 * elements.length * dataWidth);
  const flags = new Uint8Array(2 * elements.length);
  let count = 0;
  for (const element of elements) {
    writeKey(set.key, element.key, keys, count * width, true);
    if (fields.length > 0) writeKey(fields, dataOf(set, element), data, count * dataWidth);
    count++;
    const after = successor(keyBytes(set, element.end ?? element.key));
    if (after === undefined) continue;
    keys.set(after, count * width);
    flags[count++] = NFT_SET_ELEM_INTERVAL_END;
  }
  return {
    keys: keys.subarray(0, count * width),
    data: data.subarray(0, count * dataWidth),
    flags: flags.subarray(0, count),
  };
}

/** Everything else: one key each, and for concatenated intervals the last key. */
function packKeys(set: NamedSet, fields: readonly TypeName[], elements: readonly Element[]): Packed {
  const interval = set.interval === true;
  const rows = elements.map((element) => element.key);
  const keys = new Uint8Array(elements.length * keyLength(set.key));
  writeKeys(set.key, rows, keys, interval);
  const data = new Uint8Array(elements.length * keyLength(fields));
  if (fields.length > 0)
    writeKeys(
      fields,
      elements.map((element) => dataOf(set, element)),
      data,
    );
  if (!interval) return { keys, data };
  const keyEnds = new Uint8Array(keys.length);
  writeKeys(
    set.key,
    elements.map((element) => element.end ?? element.key),
    keyEnds,
    true,
  );
  return { keys, data, keyEnds };
}

/**
 * Elements in the form their set needs, split into blocks that fit one message each.
 *
 * @throws TypeError when a value is not of its field's type
 */
export function elementBlocks(
  set: NamedSet,
  elements: readonly Element[] | PackedElements,
  purpose: 'add' | 'delete',
): ElementBlock[] {
  if (isPacked(elements)) {
    if (set.interval === true && set.key.length === 1)
      throw new TypeError(`${setWords(set)}: its intervals have no packed form`);
    const { keyBytes: keys, endBytes: keyEnds } = elements;
    return packedBlocks(set, [], { keys, ...(keyEnds === undefined ? {} : { keyEnds }), data: none });
  }
  if (typeof set.data === 'string' || elements.some((element) => element.comment !== undefined)) {
    return asObjectBlocks(
      set,
      purpose === 'add' ? elements : elements.map(({ key, end }) => (end === undefined ? { key } : { key, end })),
    );
  }
  const fields = purpose === 'add' ? dataFields(set) : [];
  const plain = set.key.length === 1;
  return packedBlocks(
    set,
    fields,
    set.interval === true && plain ? packIntervals(set, fields, elements) : packKeys(set, fields, elements),
  );
}

const none = new Uint8Array();

/** @param fields those of `data` */
function packedBlocks(
  set: NamedSet,
  fields: readonly TypeName[],
  { keys, keyEnds, data, flags }: Packed,
): ElementBlock[] {
  const width = keyLength(set.key);
  const dataWidth = keyLength(fields);
  // Headers: NFTA_LIST_ELEM, KEY, VALUE, KEY_END, VALUE, DATA, VALUE, FLAGS, 4 bytes each, FLAGS with 4 of payload.
  const pad = (length: number) => (length + 3) & ~3;
  const each = 12 + pad(width) + (keyEnds ? 8 + pad(width) : 0) + (dataWidth > 0 ? 8 + pad(dataWidth) : 0) + 8;
  const perBlock = Math.floor(mostBytes / each);
  const count = keys.length / width;
  const blocks: ElementBlock[] = [];
  for (let start = 0, end = 0; start < count; start = end) {
    end = Math.min(count, start + perBlock);
    // A start and its end are not torn apart.
    if (end < count && flags?.[end] === NFT_SET_ELEM_INTERVAL_END) end--;
    blocks.push({
      packed: {
        keyLength: width,
        keys: keys.subarray(start * width, end * width),
        ...(keyEnds === undefined ? {} : { keyEnds: keyEnds.subarray(start * width, end * width) }),
        ...(dataWidth === 0 ? {} : { dataLength: dataWidth, data: data.subarray(start * dataWidth, end * dataWidth) }),
        ...(flags === undefined ? {} : { flags: flags.subarray(start, end) }),
      },
    });
  }
  return blocks;
}

/** An element as the codec decodes it (native/codec/nft/element.cpp). */
export interface DecodedElement {
  readonly key?: { readonly value?: Uint8Array };
  readonly keyEnd?: { readonly value?: Uint8Array };
  readonly data?: { readonly value?: Uint8Array; readonly verdict?: Verdict };
  readonly object?: string;
  readonly flags?: number;
  readonly userdata?: Uint8Array;
}

function decodeData(set: NamedSet, { data }: DecodedElement): Element['data'] {
  if (data?.verdict !== undefined) return data.verdict;
  return data?.value === undefined ? undefined : readKey(dataFields(set), data.value);
}

/** Takes one off a big-endian number that is not zero. */
function predecessor(key: Uint8Array): Uint8Array {
  const previous = key.slice();
  for (let index = previous.length - 1; index >= 0; index--) {
    const byte = ((previous[index] ?? 0) + 255) & 255;
    previous[index] = byte;
    if (byte !== 255) break;
  }
  return previous;
}

/** The last key of each element of a plain interval set: one before the next key, which is an end or another start. */
function lastKeys(elements: readonly DecodedElement[]): Map<DecodedElement, Uint8Array> {
  const isEnd = (element: DecodedElement) => ((element.flags ?? 0) & NFT_SET_ELEM_INTERVAL_END) !== 0;
  const keyOf = (element: DecodedElement) => element.key?.value ?? new Uint8Array();
  const sorted = [...elements].sort(
    (left, right) => Buffer.compare(keyOf(left), keyOf(right)) || Number(isEnd(right)) - Number(isEnd(left)),
  );
  const last = new Map<DecodedElement, Uint8Array>();
  sorted.forEach((element, index) => {
    if (isEnd(element)) return;
    const next = sorted[index + 1];
    last.set(element, next === undefined ? keyOf(element).slice().fill(255) : predecessor(keyOf(next)));
  });
  return last;
}

/** Whether two lists have elements with the same keys in the same order. */
export function haveSameKeys(left: readonly DecodedElement[], right: readonly DecodedElement[]): boolean {
  const keyOf = (element: DecodedElement | undefined) => element?.key?.value ?? new Uint8Array();
  return (
    left.length === right.length &&
    left.every((element, index) => Buffer.compare(keyOf(element), keyOf(right[index])) === 0)
  );
}

/** Decoded elements of a set as Elements. Those of a plain interval set come in the order of their keys. */
export function decodeElements(set: NamedSet, decoded: readonly DecodedElement[]): Element[] {
  const interval = set.interval === true;
  const plainInterval = interval && set.key.length <= 1 && !decoded.some(({ keyEnd }) => keyEnd !== undefined);
  const ends = plainInterval ? lastKeys(decoded) : undefined;
  return (ends === undefined ? decoded : [...ends.keys()]).map((element) => {
    const key = element.key?.value ?? new Uint8Array();
    const end = ends === undefined ? element.keyEnd?.value : ends.get(element);
    const data = decodeData(set, element);
    const comment = commentOf('element', element.userdata);
    return {
      key: readKey(set.key, key, interval),
      ...(end === undefined || Buffer.compare(key, end) === 0 ? {} : { end: readKey(set.key, end, interval) }),
      ...(data === undefined ? {} : { data }),
      ...(element.object === undefined ? {} : { refersTo: element.object }),
      ...(comment === undefined ? {} : { comment }),
    };
  });
}
