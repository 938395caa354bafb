/** The firewall of a network as chains and sets. */

import { accept, counter, drop, jump, objectReference, returnToCaller, verdict } from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { Firewall } from '../model/firewall.js';
import { egressChain, ingressChain, ingressListChain } from '../model/names.js';
import { chainNamed } from './layout.js';
import { firewallGroups } from './list-groups.js';
import { matchRules } from './match-rules.js';
import { type Derived, derivedChain, derivedCounter, derivedElement, derivedSet } from './ruleset.js';

/** Made once for each rule set, however often it is asked for: ten thousand rules take some milliseconds. */
const made = new WeakMap<Firewall, { readonly networkId: string; readonly derived: readonly Derived[] }>();

/** What a network's rule set becomes, but for the chains of its public addresses. */
export function firewallRules(networkId: string, firewall: Firewall): readonly Derived[] {
  const known = made.get(firewall);
  if (known?.networkId === networkId) return known.derived;
  const derived = [...ingressList(networkId, firewall), ...egressList(networkId, firewall)];
  made.set(firewall, { networkId, derived });
  return derived;
}

/** What may come in to the public addresses of the network: accepted here, dropped where the address's own chain goes on. */
function ingressList(networkId: string, firewall: Firewall): Derived[] {
  const name = ingressListChain(networkId);
  const { rules, sets, signature } = matchRules(name, name, firewallGroups(firewall).ingress, accept);
  const derivedSets = sets.map(derivedSet);
  return [...derivedSets, derivedChain(name, rules, signature, derivedSets)];
}

/** What guests send comes back from here when it is let through. */
function egressList(networkId: string, firewall: Firewall): Derived[] {
  const name = egressChain(networkId);
  const decision = firewall.defaultEgressAllow ? drop : returnToCaller;
  const { rules, sets, signature } = matchRules(name, name, firewallGroups(firewall).egress, decision);
  const derivedSets = sets.map(derivedSet);
  const all = firewall.defaultEgressAllow ? rules : [...rules, refuse(name)];
  return [derivedCounter(name), ...derivedSets, derivedChain(name, all, signature, derivedSets)];
}

/** The last rule of a chain: what came this far is dropped and counted under the chain's name. */
export function refuse(chain: string): Rule {
  return { object: 'rule', chain: chainNamed(chain), expressions: [objectReference('counter', chain), verdict(drop)] };
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
    derivedChain(name, [list, refuse(name)], networkId),
    derivedElement('ingressFirewall', [publicIp], jump(name)),
  ];
}
