import type { Listed } from './listed.js';
import { decodeRate, type Rate, rateBody } from './rate.js';
import type { Family, Table } from './table.js';
import { commentOf, commentUserdata } from './userdata.js';

interface Named {
  readonly table: Table;
  readonly name: string;
  /** At most 128 bytes; shown by nft. */
  readonly comment?: string;
}

/** A named counter: rules and elements that refer to it count into it together. */
export interface NamedCounter extends Named {
  readonly object: 'counter';
  readonly packets?: number;
  readonly bytes?: number;
}

/** A named quota: matches until so many bytes have passed; with `over`, from then on. */
export interface NamedQuota extends Named {
  readonly object: 'quota';
  readonly bytes: number;
  readonly over?: boolean;
  /** Bytes that have passed. */
  readonly used?: number;
}

/** A named limit: rules that refer to it share its rate. */
export interface NamedLimit extends Named, Rate {
  readonly object: 'limit';
}

/** What rules and elements refer to by name. */
export type NamedObject = NamedCounter | NamedQuota | NamedLimit;

/** Kind of a named object. */
export type ObjectKind = NamedObject['object'];

/** NFT_OBJECT_* of linux/netfilter/nf_tables.h. */
export const objectNumbers = { counter: 1, quota: 2, limit: 4 } as const satisfies Record<ObjectKind, number>;

/** NFT_QUOTA_F_INV of linux/netfilter/nf_tables.h. */
const NFT_QUOTA_F_INV = 1;

/** A named object in the words of nft. */
export function objectWords(object: NamedObject): string {
  return `${object.object} ${object.table.family} ${object.table.name} ${object.name}`;
}

/** The object without what only its creation needs. */
export function objectReference(object: NamedObject): object {
  return { family: object.table.family, table: object.table.name, name: object.name, type: object.object };
}

function data(object: NamedObject): object {
  switch (object.object) {
    case 'counter':
      return { bytes: object.bytes ?? 0, packets: object.packets ?? 0 };
    case 'quota':
      return { bytes: object.bytes, consumed: object.used, flags: object.over === true ? NFT_QUOTA_F_INV : 0 };
    case 'limit':
      return rateBody(object);
  }
}

/** The body of NFT_MSG_NEWOBJ (NFTA_OBJ_*). */
export function objectBody(object: NamedObject): object {
  return {
    ...objectReference(object),
    data: data(object),
    userdata: object.comment === undefined ? undefined : commentUserdata('object', object.comment),
  };
}

/** A decoded NFT_MSG_NEWOBJ as a NamedObject; undefined for a kind that has no name here. */
export function decodeObject(decoded: object): Listed<NamedObject> | undefined {
  const { family, table, name, handle, type, data, userdata } = decoded as {
    family: Family;
    table: string;
    name: string;
    handle: number;
    type: ObjectKind | number;
    data?: { bytes?: number; packets?: number; consumed?: number; flags?: number };
    userdata?: Uint8Array;
  };
  const comment = commentOf('object', userdata);
  const common = {
    table: { object: 'table', family, name: table } as const,
    name,
    handle,
    ...(comment === undefined ? {} : { comment }),
  };
  switch (type) {
    case 'counter':
      return { object: type, ...common, packets: data?.packets ?? 0, bytes: data?.bytes ?? 0 };
    case 'quota': {
      const over = ((data?.flags ?? 0) & NFT_QUOTA_F_INV) !== 0;
      return {
        object: type,
        ...common,
        bytes: data?.bytes ?? 0,
        used: data?.consumed ?? 0,
        ...(over ? { over } : {}),
      };
    }
    case 'limit':
      return { object: type, ...common, ...decodeRate(data ?? {}) };
    default:
      return undefined;
  }
}
