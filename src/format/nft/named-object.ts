/** Named counters, quotas and limits. */

import type { NamedObject } from '../../kernel/nft/named-object.js';
import { quoted } from './data-type.js';
import { quotaText, rateText } from './rate.js';

function state(object: NamedObject): string {
  switch (object.object) {
    case 'counter':
      return `packets ${object.packets ?? 0} bytes ${object.bytes ?? 0}`;
    case 'quota':
      return quotaText(object);
    case 'limit':
      return rateText(object);
  }
}

/** Comment and state of an object, line by line. */
export function objectProperties(object: NamedObject): string[] {
  return [...(object.comment === undefined ? [] : [`comment ${quoted(object.comment)}`]), state(object)];
}

/** The block of a named object in a table. */
export function objectBlock(object: NamedObject): string {
  const lines = objectProperties(object).map((line) => `\t\t${line}\n`);
  return `\t${object.object} ${object.name} {\n${lines.join('')}\t}\n`;
}
