import type { Verdict } from './expression.js';
import type { NamedSet } from './set.js';
import { keyLength, type TypeName, type Value, writeKey } from './type.js';
import { commentUserdata } from './userdata.js';

/** NFT_SET_ELEM_INTERVAL_END of linux/netfilter/nf_tables.h. */
const NFT_SET_ELEM_INTERVAL_END = 1;

/** One nested attribute holds 64 KiB; this leaves room for headers. */
const mostBytes = 60_000;

/** An element of a set or map. */
export interface Element {
  readonly key: readonly Value[];
  /** Last key of the interval, inclusive; equal to `key` when absent. Only in interval sets. */
  readonly end?: readonly Value[];
  /** What the key leads to; absent in sets, and when deleting. */
  readonly data?: readonly Value[] | Verdict;
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

function keyBytes(types: readonly TypeName[], values: readonly Value[]): Uint8Array {
  const bytes = new Uint8Array(keyLength(types));
  writeKey(types, values, bytes, 0);
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

function isVerdict(data: Element['data']): data is Verdict {
  return data !== undefined && 'code' in data;
}

/** Elements as objects, one attribute tree each: for verdict maps and comments. */
function asObjects(set: NamedSet, elements: readonly Element[]): object[] {
  const concatenated = set.key.length > 1;
  return elements.flatMap((element) => {
    const key = keyBytes(set.key, element.key);
    const last = element.end === undefined ? key : keyBytes(set.key, element.end);
    const data = isVerdict(element.data)
      ? { verdict: element.data }
      : element.data === undefined || set.data === undefined || set.data === 'verdict'
        ? undefined
        : { value: keyBytes(set.data, element.data) };
    const first = {
      key: { value: key },
      keyEnd: set.interval === true && concatenated ? { value: last } : undefined,
      data,
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

/** Plain intervals: each becomes its start and the exclusive end behind it. */
function asIntervals(
  set: NamedSet,
  elements: readonly Element[],
): { keys: Uint8Array; data: Uint8Array; flags: Uint8Array } {
  const width = keyLength(set.key);
  const types = Array.isArray(set.data) ? (set.data as readonly TypeName[]) : [];
  const dataWidth = types.length === 0 ? 0 : keyLength(types);
  const keys = new Uint8Array(2 * elements.length * width);
  const data = new Uint8Array(2 * elements.length * dataWidth);
  const flags = new Uint8Array(2 * elements.length);
  let count = 0;
  for (const element of elements) {
    writeKey(set.key, element.key, keys, count * width);
    if (dataWidth > 0 && Array.isArray(element.data)) writeKey(types, element.data, data, count * dataWidth);
    count++;
    const after = successor(keyBytes(set.key, element.end ?? element.key));
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

/**
 * Elements in the form their set needs, split into blocks that fit one message each.
 *
 * @throws TypeError when a value is not of its field's type
 */
export function elementBlocks(set: NamedSet, elements: readonly Element[], purpose: 'add' | 'delete'): ElementBlock[] {
  if (set.data === 'verdict' || elements.some((element) => element.comment !== undefined)) {
    return asObjectBlocks(
      set,
      purpose === 'add' ? elements : elements.map(({ key, end }) => (end === undefined ? { key } : { key, end })),
    );
  }
  const width = keyLength(set.key);
  const withData = purpose === 'add' && Array.isArray(set.data);
  const types = withData ? (set.data as readonly TypeName[]) : [];
  const dataWidth = withData ? keyLength(types) : 0;
  const plainInterval = set.interval === true && set.key.length === 1;
  const ranged = set.interval === true && set.key.length > 1;

  let keys: Uint8Array;
  let data: Uint8Array | undefined;
  let flags: Uint8Array | undefined;
  let keyEnds: Uint8Array | undefined;
  if (plainInterval) {
    ({ keys, data, flags } = asIntervals(withData ? set : { ...set, data: 'verdict' }, elements));
  } else {
    keys = new Uint8Array(elements.length * width);
    if (withData) data = new Uint8Array(elements.length * dataWidth);
    if (ranged) keyEnds = new Uint8Array(elements.length * width);
    let index = 0;
    for (const element of elements) {
      writeKey(set.key, element.key, keys, index * width);
      if (keyEnds !== undefined) writeKey(set.key, element.end ?? element.key, keyEnds, index * width);
      if (data !== undefined) {
        if (!Array.isArray(element.data)) throw new TypeError(`map ${set.name}: an element has no data`);
        writeKey(types, element.data as readonly Value[], data, index * dataWidth);
      }
      index++;
    }
  }

  // Headers: NFTA_LIST_ELEM, KEY, VALUE, KEY_END, VALUE, DATA, VALUE, FLAGS, 4 bytes each, FLAGS with 4 of payload.
  const pad = (length: number) => (length + 3) & ~3;
  const each = 12 + pad(width) + (ranged ? 8 + pad(width) : 0) + (dataWidth > 0 ? 8 + pad(dataWidth) : 0) + 8;
  // A start and its end must not be torn apart.
  const perBlock = Math.floor(mostBytes / each) & ~1;
  const count = keys.length / width;
  const blocks: ElementBlock[] = [];
  for (let start = 0; start < count; start += perBlock) {
    const end = Math.min(count, start + perBlock);
    blocks.push({
      packed: {
        keyLength: width,
        keys: keys.subarray(start * width, end * width),
        ...(keyEnds === undefined ? {} : { keyEnds: keyEnds.subarray(start * width, end * width) }),
        ...(data === undefined || dataWidth === 0
          ? {}
          : { dataLength: dataWidth, data: data.subarray(start * dataWidth, end * dataWidth) }),
        ...(flags === undefined ? {} : { flags: flags.subarray(start, end) }),
      },
    });
  }
  return blocks;
}
