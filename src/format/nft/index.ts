/**
 * Typed nf_tables objects as text in nft's own syntax, without the `nft` program: rulesets as it lists them, transactions as it takes
 * commands.
 */

export { readRuleset, type TableFilter } from './read.js';
export { formatRule, type SetsByName } from './rule.js';
export { formatRuleset, type TableListing } from './ruleset.js';
export type { SetListing } from './set.js';
export type { FormatOptions } from './style.js';
export { formatTransaction } from './transaction.js';
