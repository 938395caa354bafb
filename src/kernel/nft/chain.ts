import type { Listed } from './listed.js';
import type { Family, Table } from './table.js';
import { commentOf, commentUserdata } from './userdata.js';

/** Where a base chain is attached (NF_INET_*, NF_ARP_*, NF_NETDEV_* of linux/netfilter.h and linux/netfilter_arp.h). */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';

/** nft's names of the standard priorities (NF_IP_PRI_* of linux/netfilter_ipv4.h). */
export const priorities = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 } as const;

/** What makes a chain a base chain. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  readonly policy?: 'accept' | 'drop';
  /** Name of the link whose packets it sees; for the hooks `ingress` and `egress`. */
  readonly device?: string;
}

/** A chain. */
export interface Chain {
  readonly object: 'chain';
  readonly table: Table;
  /** At most 255 bytes. */
  readonly name: string;
  readonly base?: BaseChain;
  /** At most 128 bytes; shown by nft. */
  readonly comment?: string;
}

/** A chain in the words of nft. */
export function chainWords(chain: Chain): string {
  return `chain ${chain.table.family} ${chain.table.name} ${chain.name}`;
}

/** Hooks whose number is not that of the families ip, ip6, inet and bridge, which the codec names. */
const otherHooks: Partial<Record<Family, readonly Hook[]>> = {
  arp: ['input', 'output'],
  netdev: ['ingress', 'egress'],
};

const commonHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'];

/** The chain without what only its creation needs. */
export function chainReference(chain: Chain): object {
  return { family: chain.table.family, table: chain.table.name, name: chain.name };
}

/** The body of NFT_MSG_NEWCHAIN (NFTA_CHAIN_*). */
export function chainBody(chain: Chain): object {
  const { base } = chain;
  const hooks = otherHooks[chain.table.family];
  return {
    ...chainReference(chain),
    ...(base === undefined
      ? {}
      : {
          hook: {
            number: hooks === undefined ? base.hook : hooks.indexOf(base.hook),
            priority: base.priority,
            device: base.device,
          },
          policy: base.policy,
          type: base.type,
        }),
    userdata: chain.comment === undefined ? undefined : commentUserdata('chain', chain.comment),
  };
}

interface DecodedChain {
  family: Family;
  table: string;
  name: string;
  handle: number;
  hook?: { number: Hook | number; priority: number; device?: string };
  policy?: 'accept' | 'drop';
  type?: BaseChain['type'];
  userdata?: Uint8Array;
}

/** A decoded NFT_MSG_NEWCHAIN as a Chain. */
export function decodeChain(decoded: object): Listed<Chain> {
  const { family, table, name, handle, hook, policy, type, userdata } = decoded as DecodedChain;
  const comment = commentOf('chain', userdata);
  // The codec gives the word of the common families for every family.
  const named = hook?.number ?? -1;
  const number = typeof named === 'number' ? named : commonHooks.indexOf(named);
  const word = (otherHooks[family] ?? commonHooks)[number];
  return {
    object: 'chain',
    table: { object: 'table', family, name: table },
    name,
    handle,
    ...(hook === undefined || word === undefined || type === undefined
      ? {}
      : {
          base: {
            type,
            hook: word,
            priority: hook.priority,
            ...(policy === undefined ? {} : { policy }),
            ...(hook.device === undefined ? {} : { device: hook.device }),
          },
        }),
    ...(comment === undefined ? {} : { comment }),
  };
}
