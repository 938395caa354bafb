/** Sets and maps: their properties. */

import type { Element } from '../../kernel/nft/elements.js';
import type { NamedSet } from '../../kernel/nft/set.js';
import { quoted } from './data-type.js';
import { elementsText } from './element.js';
import type { FormatOptions } from './style.js';

/** A set with its elements. */
export interface SetListing {
  readonly set: NamedSet;
  readonly elements: readonly Element[];
}

/** Sets that stand inside a rule, `{ 80, 443 }`: nft names them so, and they may not change. */
export function isAnonymous(set: NamedSet): boolean {
  return set.constant === true && /^__(?:set|map)\d+$/.test(set.name);
}

/** `set` or `map`. */
export function setKind(set: NamedSet): 'set' | 'map' {
  return set.data === undefined ? 'set' : 'map';
}

const fieldsText = (fields: readonly string[]): string => (fields.length === 0 ? '[ unknown ]' : fields.join(' . '));

/** The properties in nft's order, without elements. A type that has no name in `TypeName` is printed as `[ unknown ]`. */
export function setProperties(set: NamedSet): string[] {
  const data = typeof set.data === 'string' ? set.data : set.data && fieldsText(set.data);
  const flags = [...(set.constant === true ? ['constant'] : []), ...(set.interval === true ? ['interval'] : [])];
  return [
    `type ${fieldsText(set.key)}${data === undefined ? '' : ` : ${data}`}`,
    // Nothing is added to a constant set: nft does not say how much could be.
    ...(set.size === undefined || set.constant === true ? [] : [`size ${set.size}`]),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(',')}`]),
    ...(set.comment === undefined ? [] : [`comment ${quoted(set.comment)}`]),
  ];
}

/** The block of a set or map in a table. */
export function setBlock({ set, elements }: SetListing, options: FormatOptions): string {
  const lines = setProperties(set);
  const list = elementsText(set, elements, options);
  if (list !== undefined) lines.push(list);
  return `\t${setKind(set)} ${set.name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
