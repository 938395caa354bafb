/** Changes of the model to one nf_tables transaction. */

import type { Element } from '../kernel/nft/elements.js';
import { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { applyChange, type Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { allSubjects, derive, type Subject, subjectsOf } from './derive.js';
import { addIpv6Skeleton } from './ipv6-layout.js';
import { addSkeleton } from './layout.js';
import {
  type Derived,
  type DerivedChain,
  type DerivedCounter,
  type DerivedElement,
  type DerivedSet,
  derivedIpv6Table,
} from './ruleset.js';
import { ipv6Table, type MapName, maps, table } from './tables.js';

/** The ruleset of some subjects: its objects by their ids. */
type Ruleset = Map<string, Derived>;

function rulesetOf(domain: Domain, subjects: Iterable<Subject>): Ruleset {
  const ruleset: Ruleset = new Map();
  for (const subject of subjects) {
    for (const object of derive(domain, subject)) ruleset.set(object.id, object);
  }
  return ruleset;
}

/**
 * Applies `changes` to the domain and returns the transaction that brings the kernel from the ruleset before to the one after.
 * Only what the changes touch is looked at, whatever the size of the domain.
 *
 * The subjects are asked for once, before: all that becomes different is in `changes`, and each change names what it touches before
 * and after, so no subject comes up only afterwards.
 */
export function applyAndCompile(domain: Domain, changes: readonly Change[]): NetfilterTransaction {
  const subjects = new Map<string, Subject>();
  for (const change of changes) {
    for (const subject of subjectsOf(domain, change)) subjects.set(`${subject.subject} ${subject.key}`, subject);
  }
  const before = rulesetOf(domain, subjects.values());
  for (const change of changes) applyChange(domain, change);
  return difference(before, rulesetOf(domain, subjects.values()));
}

/**
 * The transaction that makes our tables anew from the model, in one step with the removal of the old ones.
 *
 * @param hasIpv6Table whether there is one that is to go
 */
export function compileAll(domain: Domain, hasIpv6Table = false): NetfilterTransaction {
  const transaction = new NetfilterTransaction().destroy(table);
  // Not named unless it is needed: a kernel may have no rules for IPv6.
  if (hasIpv6Table) transaction.destroy(ipv6Table);
  addSkeleton(transaction, domain.id);
  return difference(new Map(), rulesetOf(domain, allSubjects(domain)), transaction);
}

function difference(before: Ruleset, after: Ruleset, transaction = new NetfilterTransaction()): NetfilterTransaction {
  const { id: ipv6Id } = derivedIpv6Table;
  if (after.has(ipv6Id) && !before.has(ipv6Id)) addIpv6Skeleton(transaction);
  const isKept = (id: string) => before.get(id)?.signature === after.get(id)?.signature;
  const removed = new Map<MapName, Element[]>();
  const added = new Map<MapName, Element[]>();
  const collect = (lists: Map<MapName, Element[]>, { map, element }: DerivedElement) => {
    const list = lists.get(map);
    if (list === undefined) lists.set(map, [element]);
    else list.push(element);
  };
  const staleChains: DerivedChain[] = [];
  const newChains: DerivedChain[] = [];
  const staleSets: DerivedSet[] = [];
  const newSets: DerivedSet[] = [];
  const staleCounters: DerivedCounter[] = [];
  for (const object of before.values()) {
    const isGone = !after.has(object.id);
    if (object.object === 'element' && !isKept(object.id)) collect(removed, object);
    else if (object.object === 'set' && !isKept(object.id)) staleSets.push(object);
    else if (object.object === 'chain' && isGone) staleChains.push(object);
    else if (object.object === 'counter' && isGone) staleCounters.push(object);
  }
  for (const object of after.values()) {
    if (object.object === 'chain') {
      // A set goes only with the rules that look into it.
      if (!isKept(object.id) || !object.sets.every(isKept)) newChains.push(object);
    } else if (!isKept(object.id)) {
      if (object.object === 'element') collect(added, object);
      else if (object.object === 'set') newSets.push(object);
      else if (object.object === 'counter') transaction.add(object.counter);
    }
  }

  // What leads to something goes before it, and comes after it.
  for (const { chain } of staleChains) transaction.flush(chain);
  for (const { id, chain } of newChains) if (before.has(id)) transaction.flush(chain);
  for (const [map, elements] of removed) transaction.deleteElements(maps[map], elements);
  // A set with another content is another set of that name: to empty one with intervals takes seconds.
  for (const { set } of staleSets) transaction.delete(set);
  for (const { set, elements } of newSets) transaction.add(set).addElements(set, elements);
  for (const { chain } of newChains) transaction.add(chain);
  for (const { rules } of newChains) for (const rule of rules) transaction.add(rule);
  for (const [map, elements] of added) transaction.addElements(maps[map], elements);
  for (const { chain } of staleChains) transaction.delete(chain);
  for (const { counter } of staleCounters) transaction.delete(counter);
  if (before.has(ipv6Id) && !after.has(ipv6Id)) transaction.delete(ipv6Table);
  return transaction;
}
