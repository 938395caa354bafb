import type { Table } from './table.js';
import { byteOrder, dataTypes, keyLength, type TypeName, typeNumber } from './type.js';
import { setUserdata } from './userdata.js';

/** NFT_SET_* of linux/netfilter/nf_tables.h. */
const NFT_SET_CONSTANT = 0x2;
const NFT_SET_INTERVAL = 0x4;
const NFT_SET_MAP = 0x8;
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
  /** What a map leads to: fields of a value, or verdicts. */
  readonly data?: readonly TypeName[] | 'verdict';
  /** Keys are intervals: prefixes and ranges. */
  readonly interval?: boolean;
  /** May not change once bound. */
  readonly constant?: boolean;
  /** Most elements; unlimited when absent. */
  readonly size?: number;
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

/** The body of NFT_MSG_NEWSET (NFTA_SET_*). `id` names the set within its transaction. */
export function setBody(set: NamedSet, id: number): object {
  const concatenated = set.key.length > 1;
  const interval = set.interval === true;
  const verdicts = set.data === 'verdict';
  const flags =
    (interval ? NFT_SET_INTERVAL : 0) |
    (set.data === undefined ? 0 : NFT_SET_MAP) |
    (interval && concatenated ? NFT_SET_CONCAT : 0) |
    (set.constant === true ? NFT_SET_CONSTANT : 0);
  const description = {
    size: set.size,
    // The kernel takes the lengths of the fields only where it needs them to compare intervals field by field.
    concatenation: interval && concatenated ? set.key.map((type) => ({ length: dataTypes[type].length })) : undefined,
  };
  const dataOrder = Array.isArray(set.data) ? byteOrder(set.data as readonly TypeName[]) : undefined;
  return {
    ...setReference(set),
    flags,
    keyType: typeNumber(set.key),
    keyLength: keyLength(set.key),
    ...(set.data === undefined
      ? {}
      : verdicts
        ? { dataType: NFT_DATA_VERDICT, dataLength: 16 }
        : {
            dataType: typeNumber(set.data as readonly TypeName[]),
            dataLength: keyLength(set.data as readonly TypeName[]),
          }),
    id,
    description: description.size === undefined && description.concatenation === undefined ? undefined : description,
    userdata: setUserdata(byteOrder(set.key), dataOrder, set.comment),
  };
}
