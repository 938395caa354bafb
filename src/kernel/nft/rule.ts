import { type Chain, chainWords } from './chain.js';
import type { Expression } from './expression.js';
import { commentUserdata } from './userdata.js';

/** A rule to be added. */
export interface Rule {
  readonly object: 'rule';
  readonly chain: Chain;
  readonly expressions: readonly Expression[];
  /** At most 128 bytes; shown by nft. */
  readonly comment?: string;
  /** Handle of the rule to stand behind (add) or before (insert). */
  readonly position?: number;
}

/** Names a rule that exists. */
export interface RuleReference {
  readonly object: 'rule';
  readonly chain: Chain;
  readonly handle: number;
}

/** A rule in words. */
export function ruleWords(rule: Rule | RuleReference): string {
  const name = 'handle' in rule ? ` handle ${rule.handle}` : rule.comment === undefined ? '' : ` "${rule.comment}"`;
  return `rule${name} in ${chainWords(rule.chain)}`;
}

/** The body of the rule's messages (NFTA_RULE_*). */
export function ruleBody(rule: Rule | RuleReference): object {
  const place = { family: rule.chain.table.family, table: rule.chain.table.name, chain: rule.chain.name };
  if ('handle' in rule) return { ...place, handle: rule.handle };
  return {
    ...place,
    expressions: rule.expressions,
    position: rule.position,
    userdata: rule.comment === undefined ? undefined : commentUserdata('rule', rule.comment),
  };
}
