import type { Listed } from './listed.js';
import { type ObjectKind, objectNumbers } from './named-object.js';
import type { Family, Table } from './table.js';
import { byteOrder, dataTypes, keyLength, type TypeName, typeNumber, typesOf } from './type.js';
import { commentOf, setUserdata } from './userdata.js';

/** NFT_SET_* of linux/netfilter/nf_tables.h. */
const NFT_SET_CONSTANT = 0x2;
const NFT_SET_INTERVAL = 0x4;
const NFT_SET_MAP = 0x8;
const NFT_SET_OBJECT = 0x40;
const NFT_SET_CONCAT = 0x80;
/** NFT_DATA_VERDICT: the data type of verdict maps. */
const NFT_DATA_VERDICT = 0xffffff00;

/** A named set, or a map when it has `data`. */
export interface NamedSet {
  readonly object: 'set';
  readonly table: Table;
  readonly name: string;
  /** Fields of the key; more than one is a concatenation. */
  readonly key: readonly TypeName[];
  /** What a map leads to: fields of a value, verdicts, or named objects of a kind. */
  readonly data?: readonly TypeName[] | 'verdict' | ObjectKind;
  /** Keys are intervals: prefixes and ranges. Numbers in host order (`mark`) are then kept in network order. */
  readonly interval?: boolean;
  /** May not change once bound. */
  readonly constant?: boolean;
  /** Most elements; unlimited when absent. */
  readonly size?: number;
  /** At most 128 bytes; shown by nft. */
  readonly comment?: string;
}

/** A set in the words of nft. */
export function setWords(set: NamedSet): string {
  return `${set.data === undefined ? 'set' : 'map'} ${set.table.family} ${set.table.name} ${set.name}`;
}

/** The set without what only its creation needs. */
export function setReference(set: NamedSet): object {
  return { family: set.table.family, table: set.table.name, name: set.name };
}

/** Fields of the values a map leads to; none where it leads to verdicts or objects. */
export function dataFields({ data }: NamedSet): readonly TypeName[] {
  return data === undefined || typeof data === 'string' ? [] : data;
}

/** The attributes that say what a map leads to. */
function dataBody({ data }: NamedSet): object {
  if (data === undefined) return {};
  if (data === 'verdict') return { dataType: NFT_DATA_VERDICT, dataLength: 16 };
  if (typeof data === 'string') return { objectType: objectNumbers[data] };
  return { dataType: typeNumber(data), dataLength: keyLength(data) };
}

/** The body of NFT_MSG_NEWSET (NFTA_SET_*). `id` names the set within its transaction. */
export function setBody(set: NamedSet, id: number): object {
  const concatenated = set.key.length > 1;
  const interval = set.interval === true;
  const objects = typeof set.data === 'string' && set.data !== 'verdict';
  const flags =
    (interval ? NFT_SET_INTERVAL : 0) |
    (set.data === undefined ? 0 : objects ? NFT_SET_OBJECT : NFT_SET_MAP) |
    (interval && concatenated ? NFT_SET_CONCAT : 0) |
    (set.constant === true ? NFT_SET_CONSTANT : 0);
  const description = {
    size: set.size,
    // The kernel takes the lengths of the fields only where it needs them to compare intervals field by field.
    concatenation: interval && concatenated ? set.key.map((type) => ({ length: dataTypes[type].length })) : undefined,
  };
  const fields = dataFields(set);
  return {
    ...setReference(set),
    flags,
    keyType: typeNumber(set.key),
    keyLength: keyLength(set.key),
    ...dataBody(set),
    id,
    description: description.size === undefined && description.concatenation === undefined ? undefined : description,
    userdata: setUserdata(byteOrder(set.key), fields.length === 0 ? undefined : byteOrder(fields), set.comment),
  };
}

interface DecodedSet {
  family: Family;
  table: string;
  name: string;
  handle: number;
  flags?: number;
  keyType: number;
  keyLength: number;
  dataType?: number;
  dataLength?: number;
  objectType?: number;
  description?: { size?: number };
  userdata?: Uint8Array;
}

function decodeData(set: DecodedSet): NamedSet['data'] {
  const flags = set.flags ?? 0;
  if ((flags & NFT_SET_OBJECT) !== 0) {
    return (Object.keys(objectNumbers) as ObjectKind[]).find((kind) => objectNumbers[kind] === set.objectType) ?? [];
  }
  if ((flags & NFT_SET_MAP) === 0) return undefined;
  return set.dataType === NFT_DATA_VERDICT ? 'verdict' : typesOf(set.dataType ?? 0, set.dataLength ?? 0);
}

/** A decoded NFT_MSG_NEWSET as a NamedSet. `key` and `data` are empty where a type has no name here. */
export function decodeSet(decoded: object): Listed<NamedSet> {
  const set = decoded as DecodedSet;
  const flags = set.flags ?? 0;
  const data = decodeData(set);
  const comment = commentOf('set', set.userdata);
  return {
    object: 'set',
    table: { object: 'table', family: set.family, name: set.table },
    name: set.name,
    handle: set.handle,
    key: typesOf(set.keyType, set.keyLength),
    ...(data === undefined ? {} : { data }),
    ...((flags & NFT_SET_INTERVAL) === 0 ? {} : { interval: true }),
    ...((flags & NFT_SET_CONSTANT) === 0 ? {} : { constant: true }),
    ...(set.description?.size === undefined ? {} : { size: set.description.size }),
    ...(comment === undefined ? {} : { comment }),
  };
}
