/** Transactions as nft commands (nft(8): TABLES, CHAINS, RULES, SETS, MAPS, ELEMENTS). */

import type { Chain } from '../../kernel/nft/chain.js';
import type { Element } from '../../kernel/nft/elements.js';
import type { NamedObject } from '../../kernel/nft/named-object.js';
import type { Rule, RuleReference } from '../../kernel/nft/rule.js';
import type { NamedSet } from '../../kernel/nft/set.js';
import type { Table } from '../../kernel/nft/table.js';
import type { NetfilterStep, NetfilterTransaction } from '../../kernel/nft/transaction.js';
import { baseText } from './chain.js';
import { quoted } from './data-type.js';
import { elementText } from './element.js';
import { objectProperties } from './named-object.js';
import { formatRule, type SetsByName } from './rule.js';
import { setKind, setProperties } from './set.js';
import type { FormatOptions } from './style.js';

type Subject = Table | Chain | Rule | RuleReference | NamedSet | NamedObject;

const place = ({ family, name }: Table): string => `${family} ${name}`;
const braces = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : ` { ${lines.map((line) => (line.endsWith(';') ? line : `${line};`)).join(' ')} }`;
const commentLines = (comment: string | undefined): string[] =>
  comment === undefined ? [] : [`comment ${quoted(comment)}`];

/** The kind of an object and its name: `chain ip cloudstack forward`. */
function reference(object: Exclude<Subject, Rule | RuleReference>): string {
  if (object.object === 'table') return `table ${place(object)}`;
  const kind = object.object === 'set' ? setKind(object) : object.object;
  return `${kind} ${place(object.table)} ${object.name}`;
}

/** What follows the name when an object is added. */
function properties(object: Exclude<Subject, Rule | RuleReference>, options: FormatOptions): string {
  switch (object.object) {
    case 'table':
      return braces([...(object.dormant === true ? ['flags dormant'] : []), ...commentLines(object.comment)]);
    case 'chain': {
      const base = baseText(object, options);
      return braces([...(base === undefined ? [] : [base]), ...commentLines(object.comment)]);
    }
    case 'set':
      return braces(setProperties(object));
    default:
      return braces(objectProperties(object));
  }
}

function isNamedObject(object: Exclude<Subject, Rule | RuleReference>): object is NamedObject {
  return object.object !== 'table' && object.object !== 'chain' && object.object !== 'set';
}

/** `create` takes no braces for named objects, and no comment: what it would be follows as a remark. */
function createdProperties(object: NamedObject): string {
  const [state = '', comment] = objectProperties(object).reverse();
  return comment === undefined ? state : `${state} # ${comment}`;
}

function ruleCommand(
  verb: 'add' | 'insert' | 'replace',
  rule: Rule | (Rule & RuleReference),
  sets: SetsByName,
  options: FormatOptions,
) {
  const handle = verb === 'replace' && 'handle' in rule ? rule.handle : rule.position;
  const where = handle === undefined ? '' : ` handle ${handle}`;
  return `${verb} rule ${place(rule.chain.table)} ${rule.chain.name}${where} ${formatRule(rule, sets, options)}`;
}

function elementsCommand(verb: 'add' | 'delete', set: NamedSet, elements: readonly Element[], options: FormatOptions) {
  // Only the keys say which elements go.
  const texts = elements.map((element) => {
    const { key, end } = element;
    return elementText(set, verb === 'add' ? element : end === undefined ? { key } : { key, end }, options);
  });
  return `${verb} element ${place(set.table)} ${set.name} { ${texts.join(', ')} }`;
}

function command(step: NetfilterStep, sets: SetsByName, options: FormatOptions): string | undefined {
  if ('elements' in step) {
    return step.elements.length === 0 ? undefined : elementsCommand(step.verb, step.set, step.elements, options);
  }
  const { object } = step;
  switch (step.verb) {
    case 'insert':
    case 'replace':
      return ruleCommand(step.verb, step.object, sets, options);
    case 'add':
    case 'create':
      if (object.object !== 'rule') {
        return step.verb === 'create' && isNamedObject(object)
          ? `create ${reference(object)} ${createdProperties(object)}`
          : `${step.verb} ${reference(object)}${properties(object, options)}`;
      }
      return 'expressions' in object ? ruleCommand('add', object, sets, options) : undefined;
    case 'delete':
      if (object.object !== 'rule') return `delete ${reference(object)}`;
      return 'handle' in object
        ? `delete rule ${place(object.chain.table)} ${object.chain.name} handle ${object.handle}`
        : undefined;
    case 'flush':
      return object.object === 'rule' ? undefined : `flush ${reference(object)}`;
  }
}

/** The sets a transaction names, for the rules that look in them. Those it does not name are printed by name all the same. */
function setsNamed(transaction: NetfilterTransaction): Map<string, SetsByName> {
  const byTable = new Map<string, Map<string, { set: NamedSet }>>();
  for (const step of transaction.steps) {
    const set = 'set' in step ? step.set : step.object.object === 'set' ? step.object : undefined;
    if (set === undefined) continue;
    const table = place(set.table);
    const sets = byTable.get(table) ?? new Map<string, { set: NamedSet }>();
    byTable.set(table, sets.set(set.name, { set }));
  }
  return byTable;
}

/** The table a step is about. */
function tableOf(step: NetfilterStep): Table {
  if ('elements' in step) return step.set.table;
  const { object } = step;
  if (object.object === 'table') return object;
  return object.object === 'rule' ? object.chain.table : object.table;
}

/** The chain a step adds. */
function addedChain(step: NetfilterStep): Chain | undefined {
  if ('elements' in step || (step.verb !== 'add' && step.verb !== 'create')) return undefined;
  return step.object.object === 'chain' ? step.object : undefined;
}

/** Whether a step adds a map of intervals to verdicts. */
function addsIntervalVerdicts(step: NetfilterStep): boolean {
  if ('elements' in step || (step.verb !== 'add' && step.verb !== 'create')) return false;
  const { object } = step;
  return object.object === 'set' && object.interval === true && object.data === 'verdict';
}

/** Whether something goes that a chain added later may need gone. */
function removes(step: NetfilterStep): boolean {
  return (
    !('elements' in step) &&
    step.verb === 'delete' &&
    (step.object.object === 'table' || step.object.object === 'chain')
  );
}

/**
 * The steps in an order that nft 1.0.6 can take: it sends the elements of an interval map that is made in the same run along with the
 * map, so the chains they lead to must come before it. Up to the next deletion of a chain or table, no step minds that.
 */
function ordered(steps: readonly NetfilterStep[]): NetfilterStep[] {
  const result: NetfilterStep[] = [];
  /** Where the first of those maps of each table stands in the result. */
  const maps = new Map<string, number>();
  for (const step of steps) {
    const table = place(tableOf(step));
    const map = maps.get(table);
    if (map !== undefined && addedChain(step) !== undefined) {
      result.splice(map, 0, step);
      for (const [other, index] of maps) if (index >= map) maps.set(other, index + 1);
      continue;
    }
    if (removes(step)) maps.clear();
    if (addsIntervalVerdicts(step) && map === undefined) maps.set(table, result.length);
    result.push(step);
  }
  return result;
}

/**
 * Prints what a transaction asks for as nft commands, one a line: `nft -f` makes the same of them in one transaction. They are in
 * the order of the transaction, but for chains, which come before a map of intervals to verdicts that is made in the same transaction.
 *
 * A rule that looks up several fields at once, or an object, in a set that the transaction does not name is printed as far as the
 * instructions tell: the fields that were loaded one behind the other. Use `options.names` for names instead of numbers.
 */
export function formatTransaction(transaction: NetfilterTransaction, options: FormatOptions = {}): string {
  const sets = setsNamed(transaction);
  let text = '';
  for (const step of ordered(transaction.steps)) {
    const line = command(step, sets.get(place(tableOf(step))) ?? new Map(), options);
    if (line !== undefined) text += `${line}\n`;
  }
  return text;
}
