/** Families of nf_tables (NFPROTO_* of linux/netfilter.h). */
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** An nf_tables table. */
export interface Table {
  readonly object: 'table';
  readonly family: Family;
  readonly name: string;
}

/** A table in the words of nft. */
export function tableWords(table: Table): string {
  return `table ${table.family} ${table.name}`;
}
