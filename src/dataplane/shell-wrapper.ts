/**
 * What the shell wrapper left in a namespace. Its chains would stay in force beside ours, and a port forward that is deleted later would live
 * on in them; so they go in the transaction that brings our table. Its filters go last, when nothing can fail any more: they cannot be put back.
 */

import type { Chain } from '../kernel/nft/chain.js';
import type { Expression } from '../kernel/nft/expression.js';
import type { Listed } from '../kernel/nft/listed.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Table } from '../kernel/nft/table.js';
import type { NetfilterTransaction } from '../kernel/nft/transaction.js';
import type { Domain } from '../model/domain.js';
import { filteringNetwork } from './filtering-network.js';
import { table } from './tables.js';

const natChain = /^CS_EXTNET_\d+_(?:PR|POST|VPC_POST)$/;
const forwardChain = /^CS_EXTNET_FWD_(\d+)$/;
const ingressChain = /^CS_EXTNET_FWI_([\d.]+)$/;
const egressChain = /^CS_EXTNET_FWRULES_(\d+)$/;
const aclChain = /^CS_EXTNET_ACL_(?:IN_|OUT_)?(\d+)$/;

/**
 * The shell wrapper's chains that ours replace. It keeps no firewall or ACL but in these chains, so one of them stays until the same rules
 * have been sent to us; and with a filter stay the forwarding chains that may lead to it.
 *
 * @param domain undefined as long as all filters are to stay
 */
export function shellChains(chains: readonly Chain[], domain: Domain | undefined): Chain[] {
  const theirs = chains.filter((chain) => chain.table.family === 'ip' && chain.table.name !== table.name);
  const isReplaced = ({ name }: Chain): boolean | undefined => {
    const publicIp = ingressChain.exec(name)?.[1];
    if (publicIp !== undefined) return domain !== undefined && filteringNetwork(domain, publicIp) !== undefined;
    const filtered = egressChain.exec(name)?.[1];
    if (filtered !== undefined) return domain?.firewall.has(filtered) === true;
    const listed = aclChain.exec(name)?.[1];
    return listed === undefined ? undefined : domain?.acl.has(listed) === true;
  };
  const filtersStay = theirs.some((chain) => isReplaced(chain) === false);
  return theirs.filter(
    (chain) =>
      natChain.test(chain.name) || isReplaced(chain) === true || (!filtersStay && forwardChain.test(chain.name)),
  );
}

/** Whether the shell wrapper's filters are still in force somewhere. */
export function hasShellFilters(chains: readonly Chain[]): boolean {
  return chains.some(
    ({ table: { name: place }, name }) =>
      place !== table.name && [ingressChain, egressChain, aclChain].some((pattern) => pattern.test(name)),
  );
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
