/** Chains: their properties. */

import { type BaseChain, type Chain, type Hook, priorities } from '../../kernel/nft/chain.js';
import type { Family } from '../../kernel/nft/table.js';
import { quoted } from './data-type.js';
import type { FormatOptions } from './style.js';

/** Priorities of the family bridge (NF_BR_PRI_* of linux/netfilter_bridge.h). */
const bridgePriorities = { dstnat: -300, filter: -200, out: 100, srcnat: 300 } as const;

/** The names of priorities that a hook has (nft(8), table of standard priorities). */
function namedPriorities(family: Family, hook: Hook): [string, number][] {
  if (family === 'netdev' || family === 'arp') return [['filter', priorities.filter]];
  const hookOf: Record<string, Hook> = { dstnat: 'prerouting', srcnat: 'postrouting', out: 'output' };
  const all = Object.entries<number>(family === 'bridge' ? bridgePriorities : priorities);
  return all.filter(([name]) => hookOf[name] === undefined || hookOf[name] === hook);
}

/** A priority: a number, or with names the standard one that is at most 10 away. */
function priorityText(family: Family, { hook, priority }: BaseChain, options: FormatOptions): string {
  if (options.names !== true) return String(priority);
  const near = namedPriorities(family, hook).find(([, standard]) => Math.abs(priority - standard) <= 10);
  if (near === undefined) return String(priority);
  const offset = priority - near[1];
  return offset === 0 ? near[0] : `${near[0]} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
}

/** Where a base chain is attached: `type nat hook prerouting priority -100; policy accept;`. */
export function baseText({ table, base }: Chain, options: FormatOptions): string | undefined {
  if (base === undefined) return undefined;
  const device = base.device === undefined ? '' : ` device ${quoted(base.device)}`;
  const policy = base.policy === undefined ? '' : ` policy ${base.policy};`;
  const priority = priorityText(table.family, base, options);
  return `type ${base.type} hook ${base.hook}${device} priority ${priority};${policy}`;
}

/** The block of a chain in a table. */
export function chainBlock(chain: Chain, rules: readonly string[], options: FormatOptions): string {
  const base = baseText(chain, options);
  const lines = [
    ...(chain.comment === undefined ? [] : [`comment ${quoted(chain.comment)}`]),
    ...(base === undefined ? [] : [base]),
    ...rules,
  ];
  return `\tchain ${chain.name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
