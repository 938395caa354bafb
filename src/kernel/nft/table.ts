import type { Listed } from './listed.js';
import { commentOf, commentUserdata } from './userdata.js';

/** Families of nf_tables (NFPROTO_* of linux/netfilter.h). */
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** NFT_TABLE_F_DORMANT of linux/netfilter/nf_tables.h. */
const NFT_TABLE_F_DORMANT = 1;

/** An nf_tables table. */
export interface Table {
  readonly object: 'table';
  readonly family: Family;
  readonly name: string;
  /** Its base chains see no packets. */
  readonly dormant?: boolean;
  /** At most 128 bytes; shown by nft. */
  readonly comment?: string;
}

/** A table in the words of nft. */
export function tableWords(table: Table): string {
  return `table ${table.family} ${table.name}`;
}

/** The body of NFT_MSG_NEWTABLE (NFTA_TABLE_*). */
export function tableBody(table: Table): object {
  return {
    ...tableReference(table),
    flags: table.dormant === true ? NFT_TABLE_F_DORMANT : 0,
    userdata: table.comment === undefined ? undefined : commentUserdata('table', table.comment),
  };
}

/** The table without what only its creation needs. */
export function tableReference(table: Table): object {
  return { family: table.family, name: table.name };
}

/** A decoded NFT_MSG_NEWTABLE as a Table. */
export function decodeTable(decoded: object): Listed<Table> {
  const table = decoded as { family: Family; name: string; flags?: number; handle: number; userdata?: Uint8Array };
  const comment = commentOf('table', table.userdata);
  return {
    object: 'table',
    family: table.family,
    name: table.name,
    handle: table.handle,
    ...(((table.flags ?? 0) & NFT_TABLE_F_DORMANT) === 0 ? {} : { dormant: true }),
    ...(comment === undefined ? {} : { comment }),
  };
}
