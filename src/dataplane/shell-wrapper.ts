/**
 * What the shell wrapper left in a namespace. Its NAT and forwarding chains would stay in force beside ours, and a port forward that is
 * deleted later would live on in them; so they go in the transaction that brings our table.
 */

import type { Chain } from '../kernel/nft/chain.js';
import type { Expression } from '../kernel/nft/expression.js';
import type { Listed } from '../kernel/nft/listed.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Table } from '../kernel/nft/table.js';
import type { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { table } from './layout.js';

const natChain = /^CS_EXTNET_\d+_(?:PR|POST)$/;
const forwardChain = /^CS_EXTNET_FWD_\d+$/;
/** Chains that filter. Nothing of ours does their work yet, and forwarding chains may lead to them: both stay then. */
const filterChain = /^CS_EXTNET_(?:FWI_|FWRULES_|ACL_)/;

/** The shell wrapper's chains that ours replace. */
export function shellChains(chains: readonly Chain[]): Chain[] {
  const theirs = chains.filter((chain) => chain.table.family === 'ip' && chain.table.name !== table.name);
  const filters = theirs.some((chain) => filterChain.test(chain.name));
  return theirs.filter((chain) => natChain.test(chain.name) || (!filters && forwardChain.test(chain.name)));
}

/** The tables whose rules `removeShellChains` needs to see. */
export function tablesOf(chains: readonly Chain[]): Table[] {
  return [...new Map(chains.map((chain) => [chain.table.name, chain.table])).values()];
}

/** Adds the removal of chains, and of the rules that lead to them, to a transaction. */
export function removeShellChains(
  transaction: NetfilterTransaction,
  chains: readonly Chain[],
  rules: readonly Listed<Rule>[],
): void {
  const names = new Set(chains.map((chain) => `${chain.table.name} ${chain.name}`));
  for (const { chain, expressions, handle } of rules) {
    const leads = expressions.some((expression) => names.has(`${chain.table.name} ${target(expression)}`));
    if (leads && !names.has(`${chain.table.name} ${chain.name}`)) transaction.delete({ object: 'rule', chain, handle });
  }
  for (const chain of chains) transaction.flush(chain);
  for (const chain of chains) transaction.delete(chain);
}

/** The chain an expression jumps or goes to. */
function target({ name, data }: Expression): string | undefined {
  if (name !== 'immediate') return undefined;
  return (data as { data?: { verdict?: { chain?: string } } } | undefined)?.data?.verdict?.chain;
}
