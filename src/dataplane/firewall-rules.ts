/** The firewall of a network as chains and sets. */

import {
  accept,
  counter,
  drop,
  jump,
  objectReference,
  returnToCaller,
  type Verdict,
  verdict,
} from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Firewall } from '../model/firewall.js';
import { egressChain, ingressChain, ingressListChain } from '../model/names.js';
import { firewallGroups } from './list-groups.js';
import type { MatchGroup } from './match-group.js';
import { matchRules } from './match-rules.js';
import { type Derived, derivedChain, derivedCounter, derivedElement, derivedSet } from './ruleset.js';
import { chainNamed, type Family } from './tables.js';

/** Made once for each rule set, however often it is asked for: ten thousand rules take some milliseconds. */
const made: Readonly<Record<Family, WeakMap<Firewall, Made>>> = { ip: new WeakMap(), ip6: new WeakMap() };

interface Made {
  readonly networkId: string;
  readonly derived: readonly Derived[];
}

/** What a network's rule set becomes in a family, but for the chains of its public addresses. */
export function firewallRules(networkId: string, firewall: Firewall, family: Family): readonly Derived[] {
  const known = made[family].get(firewall);
  if (known?.networkId === networkId) return known.derived;
  const derived = [...ingressList(networkId, firewall, family), ...egressList(networkId, firewall, family)];
  made[family].set(firewall, { networkId, derived });
  return derived;
}

/**
 * What may come in: accepted here. In IPv4 it is about public addresses, and the rest is dropped where the address's own chain goes on; in IPv6
 * about the guests themselves, and the rest is dropped here.
 */
function ingressList(networkId: string, firewall: Firewall, family: Family): Derived[] {
  const name = ingressListChain(networkId);
  const { ingress } = firewallGroups(firewall, family);
  if (family === 'ip') return listChain(name, family, ingress, accept, []);
  return [derivedCounter(name, family), ...listChain(name, family, ingress, accept, [refuse(name, family)])];
}

/** What guests send comes back from here when it is let through. */
function egressList(networkId: string, firewall: Firewall, family: Family): Derived[] {
  const name = egressChain(networkId);
  const { egress } = firewallGroups(firewall, family);
  const [decision, end] = firewall.defaultEgressAllow ? [drop, []] : [returnToCaller, [refuse(name, family)]];
  return [derivedCounter(name, family), ...listChain(name, family, egress, decision, end)];
}

/** A list as a chain with its sets. @param end rules for what the list does not name */
function listChain(
  name: string,
  family: Family,
  groups: readonly MatchGroup[],
  decision: Verdict,
  end: readonly Rule[],
): Derived[] {
  const { rules, sets, signature } = matchRules(family, chainNamed(name, family), name, groups, decision);
  const derivedSets = sets.map(derivedSet);
  return [...derivedSets, derivedChain(name, [...rules, ...end], signature, derivedSets, family)];
}

/** The last rule of a chain: what came this far is dropped and counted under the chain's name. */
export function refuse(chain: string, family: Family): Rule {
  const expressions = [objectReference('counter', chain), verdict(drop)];
  return { object: 'rule', chain: chainNamed(chain, family), expressions };
}

/** The chain of one public address: what the list does not let in stays out. Without a rule set nobody asks. */
export function publicAddressFirewall(publicIp: string, networkId: string): Derived[] {
  const name = ingressChain(publicIp);
  const list: Rule = {
    object: 'rule',
    chain: chainNamed(name),
    expressions: [counter(), verdict(jump(ingressListChain(networkId)))],
  };
  return [
    derivedCounter(name),
    derivedChain(name, [list, refuse(name, 'ip')], networkId),
    derivedElement('ingressFirewall', [publicIp], jump(name)),
  ];
}
