/** One edit of a domain, with what was and what will be, so that undoing it is the same change turned round. */

import { Acl } from './acl.js';
import type { Domain, Entries, EntryKind } from './domain.js';
import { Firewall } from './firewall.js';

export type Change = {
  [Kind in EntryKind]: {
    readonly kind: Kind;
    readonly key: string;
    readonly before: Entries[Kind] | undefined;
    readonly after: Entries[Kind] | undefined;
  };
}[EntryKind];

/** The entries of one kind. The one place where the tie between a kind and its map, which the type system loses, is restored. */
export function entriesOf<Kind extends EntryKind>(domain: Domain, kind: Kind): Map<string, Entries[Kind]> {
  return domain[kind] as unknown as Map<string, Entries[Kind]>;
}

/** The change that gives `key` the value `after`; undefined removes it. Nothing at all when it has that value already. */
export function change<Kind extends EntryKind>(
  domain: Domain,
  kind: Kind,
  key: string,
  after: Entries[Kind] | undefined,
): Change[] {
  const before = entriesOf(domain, kind).get(key);
  if (isSame(before, after)) return [];
  return [{ kind, key, before, after } as unknown as Change];
}

/** The changes that remove every entry of a kind whose key is meant. */
export function allOff(domain: Domain, kind: EntryKind, isMeant: (key: string) => boolean = () => true): Change[] {
  return [...domain[kind].keys()].filter(isMeant).flatMap((key) => change(domain, kind, key, undefined));
}

/** Rule sets compare themselves: ten thousand rules need not be written out to see that the first is another. */
function isSame(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before instanceof Firewall && after instanceof Firewall) return before.equals(after);
  if (before instanceof Acl && after instanceof Acl) return before.text === after.text;
  return before === after || JSON.stringify(before) === JSON.stringify(after);
}

/** Edits the domain. */
export function applyChange(domain: Domain, { kind, key, after }: Change): void {
  put(domain, kind, key, after);
}

/** Takes changes back that were applied, the last one first. */
export function revertChanges(domain: Domain, changes: readonly Change[]): void {
  for (let index = changes.length - 1; index >= 0; index--) {
    const edit = changes[index];
    if (edit !== undefined) put(domain, edit.kind, edit.key, edit.before);
  }
}

function put(domain: Domain, kind: EntryKind, key: string, value: Entries[EntryKind] | undefined): void {
  const map: Map<string, Entries[EntryKind]> = entriesOf(domain, kind);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  if (kind === 'portForward') domain.indexPortForward(key, value as Entries['portForward'] | undefined);
}

/** The changes that undo `changes`, in the order to apply them. */
export function invert(changes: readonly Change[]): Change[] {
  return changes.map((edit) => ({ ...edit, before: edit.after, after: edit.before }) as Change).reverse();
}

/** Changes that were made one after the other, as one per entry; none for an entry that is again as it was. */
export function composed(changes: readonly Change[]): Change[] {
  const byEntry = new Map<string, Change>();
  for (const edit of changes) {
    const key = `${edit.kind} ${edit.key}`;
    const former = byEntry.get(key);
    // Where it was is kept: what refers to something comes after it.
    byEntry.set(key, former === undefined ? edit : ({ ...edit, before: former.before } as Change));
  }
  return [...byEntry.values()].filter(({ before, after }) => !isSame(before, after));
}

/** The entry of a key as it is after `changes`; the domain may be as it was before or as it is after them. */
export function entryAfter<Kind extends EntryKind>(
  domain: Domain,
  kind: Kind,
  key: string,
  changes: readonly Change[],
): Entries[Kind] | undefined {
  const edit = changes.findLast((one) => one.kind === kind && one.key === key);
  return edit === undefined ? entriesOf(domain, kind).get(key) : (edit.after as Entries[Kind] | undefined);
}

/** All entries of a kind as they are after `changes`, in their order; the domain may be as it was before or as it is after them. */
export function entriesAfter<Kind extends EntryKind>(
  domain: Domain,
  kind: Kind,
  changes: readonly Change[],
): ReadonlyMap<string, Entries[Kind]> {
  const edits = changes.filter((edit) => edit.kind === kind);
  const map = entriesOf(domain, kind);
  if (edits.every(({ key, after }) => map.get(key) === after)) return map;
  const entries = new Map(map);
  for (const { key, after } of edits) {
    if (after === undefined) entries.delete(key);
    else entries.set(key, after as Entries[Kind]);
  }
  return entries;
}

/** The networks and public addresses as they will be once `changes` are made; the domain itself is left as it is. */
export function preview(domain: Domain, changes: readonly Change[]): Pick<Domain, 'network' | 'address'> {
  return {
    network: new Map(entriesAfter(domain, 'network', changes)),
    address: new Map(entriesAfter(domain, 'address', changes)),
  };
}
