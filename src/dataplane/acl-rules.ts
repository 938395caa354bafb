/** The access control list of a tier as chains and sets. */

import { drop, returnToCaller } from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Acl, AclRule } from '../model/acl.js';
import { aclChain } from '../model/names.js';
import { refuse } from './firewall-rules.js';
import { aclMatches } from './match.js';
import { matchRules } from './match-rules.js';
import { type Derived, type DerivedSet, derivedChain, derivedCounter, derivedSet } from './ruleset.js';

/** Rules of one direction that stand together and do the same: their order among themselves does not matter. */
export function aclRuns(rules: readonly AclRule[], direction: AclRule['direction']): AclRule[][] {
  const runs: AclRule[][] = [];
  for (const rule of rules) {
    if (rule.direction !== direction) continue;
    const run = runs.at(-1);
    if (run?.[0]?.action === rule.action) run.push(rule);
    else runs.push([rule]);
  }
  return runs;
}

/** Two chains: what is let through comes back from them, everything else is dropped. */
export function aclRules(networkId: string, acl: Acl): Derived[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const name = aclChain(networkId, direction === 'ingress' ? 'IN' : 'OUT');
    const rules: Rule[] = [];
    const sets: DerivedSet[] = [];
    const signatures: string[] = [];
    for (const [index, run] of aclRuns(acl.rules, direction).entries()) {
      const decision = run[0]?.action === 'allow' ? returnToCaller : drop;
      const part = matchRules(name, `${name}_${index + 1}`, run.flatMap(aclMatches), decision);
      rules.push(...part.rules);
      sets.push(...part.sets.map(derivedSet));
      signatures.push(part.signature);
    }
    rules.push(refuse(name));
    return [derivedCounter(name), ...sets, derivedChain(name, rules, signatures.join('\n'), sets)];
  });
}
