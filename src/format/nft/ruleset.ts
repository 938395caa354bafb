/** Whole tables, in the layout of `nft list ruleset` (nft(8)). */

import type { Chain } from '../../kernel/nft/chain.js';
import type { NamedObject } from '../../kernel/nft/named-object.js';
import type { Rule } from '../../kernel/nft/rule.js';
import type { Table } from '../../kernel/nft/table.js';
import { chainBlock } from './chain.js';
import { quoted } from './data-type.js';
import { objectBlock } from './named-object.js';
import { formatRule } from './rule.js';
import { isAnonymous, type SetListing, setBlock } from './set.js';
import type { FormatOptions } from './style.js';

/** A table with everything in it; listed by the kernel (`readRuleset`) or made up. */
export interface TableListing {
  readonly table: Table;
  readonly chains: readonly Chain[];
  /** Rules of all chains; those of one chain in its order. */
  readonly rules: readonly Rule[];
  /** Sets and maps, the anonymous ones of rules among them. */
  readonly sets: readonly SetListing[];
  readonly objects: readonly NamedObject[];
}

function formatTable(listing: TableListing, options: FormatOptions): string {
  const { table, chains, rules, sets, objects } = listing;
  const byName = new Map(sets.map((one) => [one.set.name, one]));
  const byChain = new Map<string, string[]>();
  for (const rule of rules) {
    const line = formatRule(rule, byName, options);
    const lines = byChain.get(rule.chain.name);
    if (lines === undefined) byChain.set(rule.chain.name, [line]);
    else lines.push(line);
  }
  const blocks = [
    ...objects.map(objectBlock),
    ...sets.filter(({ set }) => !isAnonymous(set)).map((one) => setBlock(one, options)),
    ...chains.map((chain) => chainBlock(chain, byChain.get(chain.name) ?? [], options)),
  ];
  let text = `table ${table.family} ${table.name} {\n`;
  if (table.dormant === true) text += '\tflags dormant\n';
  if (table.comment !== undefined) text += `\tcomment ${quoted(table.comment)}\n`;
  if (table.dormant === true && blocks.length > 0) text += '\n';
  return `${text}${blocks.join('\n')}}\n`;
}

/**
 * Prints tables as `nft -nn list ruleset` prints them, with `names` as `nft list ruleset` does. `nft -f` takes the text and makes the same
 * tables of it, unless a rule has an instruction that is printed in brackets.
 *
 * The bytes are those of nft 1.0.6 for what this package's own functions make. Otherwise: what `NamedSet` does not know of a set (timeouts,
 * `auto-merge`, `typeof`) is not printed, and where nft's text says less than the rule does ours says all of it.
 *
 * @param tables in the order in which they are to be printed
 * @throws TypeError when an element has a value that is not of its field's type
 */
export function formatRuleset(tables: readonly TableListing[], options: FormatOptions = {}): string {
  return tables.map((listing) => formatTable(listing, options)).join('');
}
