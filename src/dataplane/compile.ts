/** Changes of the model to one nf_tables transaction. */

import type { Element } from '../kernel/nft/elements.js';
import { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { applyChange, type Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { allSubjects, type Derived, derive, type Subject, subjectsOf } from './derive.js';
import { addSkeleton, chainNamed, type MapName, maps, table } from './layout.js';

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

/** The transaction that makes our table anew from the model, in one step with the removal of the old one. */
export function compileAll(domain: Domain): NetfilterTransaction {
  const transaction = new NetfilterTransaction().destroy(table);
  addSkeleton(transaction);
  return difference(new Map(), rulesetOf(domain, allSubjects(domain)), transaction);
}

function difference(before: Ruleset, after: Ruleset, transaction = new NetfilterTransaction()): NetfilterTransaction {
  const removed = new Map<MapName, Element[]>();
  const added = new Map<MapName, Element[]>();
  const collect = (lists: Map<MapName, Element[]>, { map, element }: Derived & { object: 'element' }) => {
    const list = lists.get(map);
    if (list === undefined) lists.set(map, [element]);
    else list.push(element);
  };
  const staleChains: string[] = [];
  const newChains: (Derived & { object: 'chain' })[] = [];
  for (const [id, object] of before) {
    const other = after.get(id);
    if (object.object === 'element') {
      if (other?.signature !== object.signature) collect(removed, object);
    } else if (other === undefined) {
      staleChains.push(object.name);
    }
  }
  for (const [id, object] of after) {
    const other = before.get(id);
    if (other?.signature === object.signature) continue;
    if (object.object === 'element') collect(added, object);
    else newChains.push(object);
    if (other?.object === 'chain') transaction.flush(chainNamed(other.name));
  }

  // Elements go before the chains they lead to, and come after them.
  for (const [map, elements] of removed) transaction.deleteElements(maps[map], elements);
  for (const { name } of newChains) transaction.add(chainNamed(name));
  for (const { rules } of newChains) for (const rule of rules) transaction.add(rule);
  for (const [map, elements] of added) transaction.addElements(maps[map], elements);
  for (const name of staleChains) transaction.flush(chainNamed(name)).delete(chainNamed(name));
  return transaction;
}
