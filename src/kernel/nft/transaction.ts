import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, type Operation, type Verb } from '../operation.js';
import { type Chain, chainBody, chainReference, chainWords } from './chain.js';
import { type Element, elementBlocks } from './elements.js';
import type { Listed } from './listed.js';
import { type NamedObject, objectBody, objectReference, objectWords } from './named-object.js';
import { isPacked, type PackedElements, packedCount, unpackElements } from './packed-elements.js';
import { type Rule, type RuleReference, ruleBody, ruleReference, ruleReferenceWords, ruleWords } from './rule.js';
import { type NamedSet, setBody, setReference, setWords } from './set.js';
import { type Table, tableBody, tableReference, tableWords } from './table.js';

/** An object of nf_tables. */
export type NetfilterObject = Table | Chain | Rule | NamedSet | NamedObject;

/** What one call on a transaction asked for, as it was given: the objects and elements themselves, not copies. */
export type NetfilterStep =
  | { readonly verb: 'add'; readonly object: NetfilterObject }
  | { readonly verb: 'create'; readonly object: Table | Chain | NamedSet | NamedObject }
  | { readonly verb: 'insert'; readonly object: Rule }
  | { readonly verb: 'replace'; readonly object: Listed<Rule> }
  | { readonly verb: 'delete'; readonly object: Table | Chain | RuleReference | NamedSet | NamedObject }
  | { readonly verb: 'flush'; readonly object: Table | Chain | NamedSet }
  | { readonly verb: 'add' | 'delete'; readonly set: NamedSet; readonly elements: readonly Element[] };

/**
 * Collects operations on nf_tables in order; nothing is sent. A transaction is all or nothing: the kernel applies every
 * operation or none, and packets see the ruleset before or after it, never between.
 *
 * ```ts
 * const table: Table = { object: 'table', family: 'ip', name: 'example' };
 * const chain: Chain = { object: 'chain', table, name: 'forward', base: { type: 'filter', hook: 'forward', priority: 0 } };
 * await socket.run(new NetfilterTransaction().add(table).add(chain));
 * ```
 */
export class NetfilterTransaction {
  readonly operations: Operation[] = [];
  /** The calls the operations come from, in order; one call may be many operations. For printing. */
  readonly steps: NetfilterStep[] = [];
  #sets = 0;

  /** Adds an object; one that exists with the same properties is left as it is. A rule goes to the end of its chain. */
  add(object: NetfilterObject): this {
    this.steps.push({ verb: 'add', object });
    return this.#new(object, 'add', object.object === 'rule' ? NLM_F_CREATE | NLM_F_APPEND : NLM_F_CREATE);
  }

  /** Adds an object that must not exist (EEXIST). */
  create(object: Table | Chain | NamedSet | NamedObject): this {
    this.steps.push({ verb: 'create', object });
    return this.#new(object, 'create', NLM_F_CREATE | NLM_F_EXCL);
  }

  /** Puts a rule at the front of its chain, or before the rule at `position`. */
  insert(rule: Rule): this {
    this.steps.push({ verb: 'insert', object: rule });
    return this.#push('nft.rule.new', NLM_F_CREATE, ruleBody(rule), 'insert', ruleWords(rule));
  }

  /** Puts a rule in the place of the one with its handle, which must exist (ENOENT). */
  replace(rule: Listed<Rule>): this {
    this.steps.push({ verb: 'replace', object: rule });
    // A replaced rule stands where the old one stood: the kernel takes no position.
    const { position, ...kept } = rule;
    const body = { ...ruleBody(kept), ...ruleReference(rule) };
    return this.#push('nft.rule.new', NLM_F_REPLACE, body, 'replace', ruleReferenceWords(rule));
  }

  /** Deletes an object with everything in it; it must exist (ENOENT) and not be referred to (EBUSY). */
  delete(object: Table | Chain | RuleReference | NamedSet | NamedObject): this {
    this.steps.push({ verb: 'delete', object });
    switch (object.object) {
      case 'table':
        return this.#push('nft.table.delete', 0, tableReference(object), 'delete', tableWords(object));
      case 'chain':
        return this.#push('nft.chain.delete', 0, chainReference(object), 'delete', chainWords(object));
      case 'rule':
        return this.#push('nft.rule.delete', 0, ruleReference(object), 'delete', ruleReferenceWords(object));
      case 'set':
        return this.#push('nft.set.delete', 0, setReference(object), 'delete', setWords(object));
      default:
        return this.#push('nft.object.delete', 0, objectReference(object), 'delete', objectWords(object));
    }
  }

  /** Deletes a table whether it exists or not: it is added first. NFT_MSG_DESTROYTABLE would need Linux 6.3. */
  destroy(table: Table): this {
    return this.add(table).delete(table);
  }

  /** Empties a chain, or all chains of a table, of the rules; or a set of its elements. */
  flush(object: Table | Chain | NamedSet): this {
    this.steps.push({ verb: 'flush', object });
    switch (object.object) {
      case 'table': {
        const place = { family: object.family, table: object.name };
        return this.#push('nft.rule.delete', 0, place, 'flush', tableWords(object));
      }
      case 'chain': {
        const place = { family: object.table.family, table: object.table.name, chain: object.name };
        return this.#push('nft.rule.delete', 0, place, 'flush', chainWords(object));
      }
      case 'set': {
        const place = { family: object.table.family, table: object.table.name, set: object.name };
        return this.#push('nft.element.delete', 0, place, 'flush', setWords(object));
      }
    }
  }

  /** Adds elements. An element that exists with the same data is left as it is; with other data it is an error (EEXIST). */
  addElements(set: NamedSet, elements: readonly Element[] | PackedElements): this {
    return this.#elements('nft.element.new', NLM_F_CREATE, 'add', set, elements);
  }

  /** Deletes elements by their keys; each must exist (ENOENT). */
  deleteElements(set: NamedSet, elements: readonly Element[]): this {
    return this.#elements('nft.element.delete', 0, 'delete', set, elements);
  }

  #elements(
    message: string,
    flags: number,
    verb: 'add' | 'delete',
    set: NamedSet,
    elements: readonly Element[] | PackedElements,
  ): this {
    // Only who prints them needs packed elements one by one.
    const packed = isPacked(elements);
    const step = packed
      ? {
          verb,
          set,
          get elements() {
            return unpackElements(set, elements);
          },
        }
      : { verb, set, elements };
    this.steps.push(step);
    const place = { family: set.table.family, table: set.table.name, set: set.name };
    const count = packed ? packedCount(set, elements) : elements.length;
    const words = count === 1 ? `element ${step.elements[0]?.key.join(' . ')}` : `${count} elements`;
    for (const block of elementBlocks(set, elements, verb)) {
      this.#push(message, flags, { ...place, ...block }, verb, `${words} of ${setWords(set)}`);
    }
    return this;
  }

  #new(object: NetfilterObject, verb: Verb, flags: number): this {
    switch (object.object) {
      case 'table':
        return this.#push('nft.table.new', flags, tableBody(object), verb, tableWords(object));
      case 'chain':
        return this.#push('nft.chain.new', flags, chainBody(object), verb, chainWords(object));
      case 'rule':
        return this.#push('nft.rule.new', flags, ruleBody(object), verb, ruleWords(object));
      case 'set':
        return this.#push('nft.set.new', flags, setBody(object, ++this.#sets), verb, setWords(object));
      default:
        return this.#push('nft.object.new', flags, objectBody(object), verb, objectWords(object));
    }
  }

  #push(message: string, flags: number, body: object, verb: Verb, subject: string): this {
    this.operations.push({ message, flags, body, verb, subject });
    return this;
  }
}
