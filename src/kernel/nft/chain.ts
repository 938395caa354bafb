import type { Table } from './table.js';

/** Where a base chain is attached (NF_INET_* of linux/netfilter.h). */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress';

/** nft's names of the standard priorities (NF_IP_PRI_* of linux/netfilter_ipv4.h). */
export const priorities = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 } as const;

/** What makes a chain a base chain. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  readonly policy?: 'accept' | 'drop';
}

/** A chain. */
export interface Chain {
  readonly object: 'chain';
  readonly table: Table;
  /** At most 127 bytes. */
  readonly name: string;
  readonly base?: BaseChain;
}

/** A chain in the words of nft. */
export function chainWords(chain: Chain): string {
  return `chain ${chain.table.family} ${chain.table.name} ${chain.name}`;
}

/** The body of the chain's messages (NFTA_CHAIN_*). */
export function chainBody(chain: Chain): object {
  return {
    family: chain.table.family,
    table: chain.table.name,
    name: chain.name,
    ...(chain.base === undefined
      ? {}
      : {
          hook: { number: chain.base.hook, priority: chain.base.priority },
          policy: chain.base.policy,
          type: chain.base.type,
        }),
  };
}
