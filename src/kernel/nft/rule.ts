import { type Chain, chainWords } from './chain.js';
import type { Expression } from './expression.js';
import type { Listed } from './listed.js';
import type { Family } from './table.js';
import { commentOf, commentUserdata } from './userdata.js';

/** A rule. */
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

/** A rule to be made in words. */
export function ruleWords({ chain, comment }: Rule): string {
  return `rule${comment === undefined ? '' : ` "${comment}"`} in ${chainWords(chain)}`;
}

/** A rule that exists in words. */
export function ruleReferenceWords({ chain, handle }: RuleReference): string {
  return `rule handle ${handle} in ${chainWords(chain)}`;
}

function place({ chain }: Rule | RuleReference): object {
  return { family: chain.table.family, table: chain.table.name, chain: chain.name };
}

/** The body of NFT_MSG_NEWRULE for a rule that does not exist yet (NFTA_RULE_*). */
export function ruleBody(rule: Rule): object {
  return {
    ...place(rule),
    expressions: rule.expressions,
    position: rule.position,
    userdata: rule.comment === undefined ? undefined : commentUserdata('rule', rule.comment),
  };
}

/** The body of messages about a rule that exists. */
export function ruleReference(rule: RuleReference): object {
  return { ...place(rule), handle: rule.handle };
}

/** A decoded NFT_MSG_NEWRULE as a Rule. Expressions the codec has no table for keep their name and lack `data`. */
export function decodeRule(decoded: object): Listed<Rule> {
  const rule = decoded as {
    family: Family;
    table: string;
    chain: string;
    handle: number;
    expressions?: readonly Expression[];
    userdata?: Uint8Array;
  };
  const comment = commentOf('rule', rule.userdata);
  return {
    object: 'rule',
    chain: { object: 'chain', table: { object: 'table', family: rule.family, name: rule.table }, name: rule.chain },
    handle: rule.handle,
    expressions: rule.expressions ?? [],
    ...(comment === undefined ? {} : { comment }),
  };
}
