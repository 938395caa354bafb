/** The access control list of a tier as chains and sets. */

import { drop, returnToCaller, type Verdict } from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Acl } from '../model/acl.js';
import { aclChain } from '../model/names.js';
import { refuse } from './firewall-rules.js';
import { type AclRun, aclRuns } from './list-groups.js';
import { matchRules } from './match-rules.js';
import { type Derived, type DerivedSet, derivedChain, derivedCounter, derivedSet } from './ruleset.js';
import { chainNamed, type Family } from './tables.js';

/** Two chains: what is let through comes back from them, everything else is dropped. */
export function aclRules(networkId: string, acl: Acl, family: Family): Derived[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const name = aclChain(networkId, direction === 'ingress' ? 'IN' : 'OUT');
    return orderedList(name, aclRuns(acl, family)[direction], returnToCaller, family);
  });
}

/** An ordered list as a chain: what no run allows is dropped. */
export function orderedList(name: string, runs: readonly AclRun[], allowed: Verdict, family: Family): Derived[] {
  const rules: Rule[] = [];
  const sets: DerivedSet[] = [];
  const signatures: string[] = [];
  for (const [index, { allows, groups }] of runs.entries()) {
    const part = matchRules(family, chainNamed(name, family), `${name}_${index + 1}`, groups, allows ? allowed : drop);
    rules.push(...part.rules);
    sets.push(...part.sets.map(derivedSet));
    signatures.push(part.signature);
  }
  rules.push(refuse(name, family));
  return [derivedCounter(name, family), ...sets, derivedChain(name, rules, signatures.join('\n'), sets, family)];
}
