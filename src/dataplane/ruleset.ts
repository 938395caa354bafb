/** The pieces a ruleset is made of. Two with equal `id` and `signature` are the same to the kernel. */

import type { Chain } from '../kernel/nft/chain.js';
import type { Element } from '../kernel/nft/elements.js';
import type { NamedCounter } from '../kernel/nft/named-object.js';
import type { PackedElements } from '../kernel/nft/packed-elements.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { NamedSet } from '../kernel/nft/set.js';
import { chainNamed, counterNamed, type Family, type MapName } from './tables.js';

/** A set with all that is in it. */
export interface SetContent {
  readonly set: NamedSet;
  readonly elements: PackedElements;
  /** Tells it from the same set with other elements. */
  readonly signature: string;
}

/** An element of one of the maps that all networks share. */
export interface DerivedElement {
  readonly object: 'element';
  readonly id: string;
  readonly signature: string;
  readonly map: MapName;
  readonly element: Element;
}

/** A chain with its rules. */
export interface DerivedChain {
  readonly object: 'chain';
  readonly id: string;
  readonly signature: string;
  readonly chain: Chain;
  readonly rules: readonly Rule[];
  /** Ids of the sets of its own that its rules look into: they are replaced with it. */
  readonly sets: readonly string[];
}

/** A set that belongs to one chain; it is replaced as a whole. */
export interface DerivedSet extends SetContent {
  readonly object: 'set';
  readonly id: string;
}

/** A named counter: what it has counted survives the replacement of the rules that count into it. */
export interface DerivedCounter {
  readonly object: 'counter';
  readonly id: string;
  readonly signature: '';
  readonly counter: NamedCounter;
}

/** The table of IPv6 with what is always in it; that of IPv4 is there as long as the namespace. */
export interface DerivedTable {
  readonly object: 'table';
  readonly id: 'table ip6';
  readonly signature: '';
}

export type Derived = DerivedElement | DerivedChain | DerivedSet | DerivedCounter | DerivedTable;

export const derivedIpv6Table: DerivedTable = { object: 'table', id: 'table ip6', signature: '' };

export function derivedElement(
  map: MapName,
  key: Element['key'],
  data: Element['data'],
  end?: Element['key'],
): DerivedElement {
  const value = data !== undefined && 'code' in data ? JSON.stringify(data) : (data ?? []).join(' . ');
  const last = end === undefined ? '' : `-${end.join(' . ')}`;
  return {
    object: 'element',
    id: `${map} ${key.join(' . ')}${last}`,
    signature: value,
    map,
    element: { key, ...(end === undefined ? {} : { end }), ...(data === undefined ? {} : { data }) },
  };
}

/** @param signature tells the chain from others of its name; its sets need not be in it */
export function derivedChain(
  name: string,
  rules: readonly Rule[],
  signature: string,
  sets: readonly DerivedSet[] = [],
  family: Family = 'ip',
): DerivedChain {
  const chain = chainNamed(name, family);
  return { object: 'chain', id: `chain ${family} ${name}`, signature, chain, rules, sets: sets.map(({ id }) => id) };
}

export function derivedSet(content: SetContent): DerivedSet {
  return { object: 'set', id: `set ${content.set.table.family} ${content.set.name}`, ...content };
}

export function derivedCounter(name: string, family: Family = 'ip'): DerivedCounter {
  return { object: 'counter', id: `counter ${family} ${name}`, signature: '', counter: counterNamed(name, family) };
}
