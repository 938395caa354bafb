/**
 * Rules: from instructions back to nft's syntax. The instructions are followed in order; each register is known by the text of what was
 * loaded into it, and comparisons, lookups and actions become statements.
 */

import type { Comparison, Expression, Verdict } from '../../kernel/nft/expression.js';
import type { Rule } from '../../kernel/nft/rule.js';
import type { NamedSet } from '../../kernel/nft/set.js';
import { keyLength } from '../../kernel/nft/type.js';
import { type Match, maskText, matches, rangeMatch } from './comparison.js';
import { type DataType, numberOf, quoted, typeNamed, types } from './data-type.js';
import { elementText, sortedElements } from './element.js';
import { type Protocols, transportName } from './header.js';
import { natText, portNatText } from './nat.js';
import {
  asValueOf,
  bitFieldOperand,
  bracketed,
  connectionOperand,
  fibOperand,
  type Layer,
  metaOperand,
  type Operand,
  payloadOperand,
  unknownOperand,
} from './operand.js';
import { Registers } from './registers.js';
import { isAnonymous, type SetListing } from './set.js';
import { counterText, limitText, logText, objectReferenceText, rejectText } from './statement.js';
import type { FormatOptions } from './style.js';
import { verdictText } from './verdict.js';

/** Sets by their names: what is known of those that rules look in. */
export type SetsByName = ReadonlyMap<string, { readonly set: NamedSet; readonly elements?: SetListing['elements'] }>;

/** Members that instructions have, all of which may be absent. */
interface Members {
  readonly source?: number;
  readonly destination?: number;
  readonly operator?: string;
  readonly data?: { readonly value?: Uint8Array; readonly verdict?: Verdict };
  readonly from?: { readonly value?: Uint8Array };
  readonly to?: { readonly value?: Uint8Array };
  readonly mask?: { readonly value?: Uint8Array };
  readonly xor?: { readonly value?: Uint8Array };
  readonly operation?: string;
  readonly length?: number;
  readonly set?: string;
  readonly flags?: number;
}

interface Statement {
  text: string;
  /** A comparison, with what it is about. */
  readonly match?: Match;
}

const NFT_LOOKUP_F_INV = 1;
const noBytes = new Uint8Array();

class RuleReader {
  readonly #registers = new Registers();
  readonly #statements: Statement[] = [];
  readonly #protocols: Protocols = {};
  /** Comparisons that only say what the fields after them say, too. Something that is no comparison makes them stay. */
  readonly #implied = new Map<Layer, Statement>();
  #compatible = true;

  constructor(
    private readonly rule: Rule,
    private readonly sets: SetsByName,
    private readonly options: FormatOptions,
  ) {
    const { family } = rule.chain.table;
    if (family === 'ip' || family === 'ip6') this.#protocols.network = family;
    if (family === 'bridge') this.#protocols.link = 'ether';
  }

  text(): string {
    for (const expression of this.rule.expressions) this.#read(expression);
    const texts = this.#statements.map(({ text }) => text);
    if (this.rule.comment !== undefined) texts.push(`comment ${quoted(this.rule.comment)}`);
    if (!this.#compatible) texts.push('# extension of iptables, see iptables-save');
    return texts.join(' ');
  }

  #read(expression: Expression): void {
    const data = (expression.data ?? {}) as Members;
    switch (expression.name) {
      case 'meta':
        this.#loadOrSet(expression, metaOperand(expression));
        break;
      case 'ct':
        this.#loadOrSet(expression, connectionOperand(expression));
        break;
      case 'payload':
        this.#loadOrSet(expression, payloadOperand(expression, this.#protocols));
        break;
      case 'fib':
        this.#load(data.destination, fibOperand(expression));
        break;
      case 'immediate':
        this.#immediate(expression, data);
        break;
      case 'bitwise':
        this.#bitwise(expression, data);
        break;
      case 'byteorder':
        // Values are printed the same in either order.
        this.#load(data.destination, { ...this.#value(data.source), hostOrder: data.operator === 'ntoh' });
        break;
      case 'cmp':
        this.#compare(data);
        break;
      case 'range':
        this.#range(data);
        break;
      case 'lookup':
        this.#lookup(data);
        break;
      case 'objref':
        this.#objectReference(expression, data);
        break;
      case 'nat':
      case 'masq':
      case 'redir':
        this.#nat(expression);
        break;
      case 'reject':
        this.#reject(expression);
        break;
      case 'counter':
        this.#act(counterText(expression));
        break;
      case 'limit':
        this.#act(limitText(expression));
        break;
      case 'log':
        this.#act(logText(expression));
        break;
      case 'notrack':
        this.#act('notrack');
        break;
      case 'match':
      case 'target':
        this.#extension(expression);
        break;
      default:
        this.#act(bracketed(expression));
        this.#registers.forget();
    }
  }

  /** What a register holds, to be used now. */
  #value(register: number | undefined): Operand {
    return this.#registers.read(register ?? -1) ?? unknownOperand(`[ register ${register} ]`);
  }

  #load(register: number | undefined, operand: Operand): void {
    this.#registers.write(register ?? -1, operand);
  }

  /** Adds a statement that is no comparison. */
  #act(text: string): void {
    this.#statements.push({ text });
    this.#implied.clear();
  }

  /** The names of fields say which protocols they are of: nft does not print the comparisons that made sure of it. */
  #useNames(operands: readonly Operand[]): void {
    for (const operand of operands) {
      for (const layer of operand.needs ?? []) {
        const statement = this.#implied.get(layer);
        if (statement === undefined) continue;
        this.#implied.delete(layer);
        this.#statements.splice(this.#statements.indexOf(statement), 1);
      }
      if (operand.masked !== undefined) this.#useNames([operand.masked.of]);
    }
  }

  #loadOrSet(expression: Expression, operand: Operand): void {
    const { source, destination } = (expression.data ?? {}) as Members;
    if (source === undefined) {
      this.#load(destination, operand);
      return;
    }
    const value = this.#value(source);
    if (expression.name === 'payload' && operand.type === types.raw) {
      // nft would not mend the header's checksum for bytes without a name.
      this.#act(bracketed(expression));
      return;
    }
    this.#useNames([value, operand]);
    this.#act(`${operand.text} set ${asValueOf(operand.type, value, this.options)}`);
  }

  #immediate(expression: Expression, { destination, data }: Members): void {
    if (data?.verdict !== undefined) {
      this.#act(verdictText(data.verdict));
      return;
    }
    const value = data?.value;
    if (value === undefined || destination === undefined) {
      this.#act(bracketed(expression));
      return;
    }
    this.#load(destination, {
      text: types.raw.text(value),
      type: types.raw,
      length: value.length,
      hostOrder: false,
      constant: value,
    });
  }

  #bitwise(expression: Expression, { source, destination, mask, xor, operation, data, length }: Members): void {
    const operand = this.#value(source);
    if (operation === 'lshift' || operation === 'rshift') {
      const bits = numberOf((data?.value ?? noBytes).slice().reverse());
      const text = `${operand.text} ${operation === 'lshift' ? '<<' : '>>'} ${bits}`;
      this.#load(destination, { ...operand, text, length: length ?? operand.length });
      return;
    }
    if (mask?.value === undefined || xor?.value === undefined) {
      this.#load(destination, unknownOperand(bracketed(expression)));
      return;
    }
    const { payload: _, ...rest } = operand;
    const field = xor.value.every((byte) => byte === 0)
      ? bitFieldOperand(operand, mask.value, this.#protocols)
      : undefined;
    if (field !== undefined) {
      this.#load(destination, field);
      return;
    }
    this.#load(destination, {
      ...rest,
      text: maskText(operand, mask.value, xor.value, this.options),
      masked: { of: operand, mask: mask.value, xor: xor.value },
    });
  }

  #compare({ source, operator, data }: Members): void {
    const operand = this.#value(source);
    const value = data?.value;
    if (value === undefined) {
      this.#act(`${operand.text} [ ${operator} ]`);
      return;
    }
    this.#useNames([operand]);
    const found = matches(operand, operator as Comparison, value, this.options);
    for (const match of found) this.#match(match);
    if (operator === 'eq') this.#learn(operand, value);
  }

  #range({ source, operator, from, to }: Members): void {
    const operand = this.#value(source);
    this.#useNames([operand]);
    const way = operator === 'neq' ? 'neq' : 'eq';
    this.#match(rangeMatch(operand, way, from?.value ?? noBytes, to?.value ?? noBytes, this.options));
  }

  #match(match: Match): void {
    const before = this.#statements.at(-1);
    const lower = before?.match;
    if (before !== undefined && lower?.sign === '>= ' && match.sign === '<= ' && lower.left === match.left) {
      before.text = `${match.left} ${lower.right}-${match.right}`;
      return;
    }
    this.#statements.push({ text: `${match.left} ${match.sign}${match.right}`, match });
  }

  /** Takes note of a comparison that tells a protocol. */
  #learn({ tells, text, masked }: Operand, value: Uint8Array): void {
    const statement = this.#statements.at(-1);
    if (tells === undefined || statement === undefined || masked !== undefined) return;
    const number = Number(numberOf(text === 'meta iiftype' ? value.slice().reverse() : value));
    const { family } = this.rule.chain.table;
    switch (tells) {
      case 'transport': {
        const name = transportName(number);
        if (name === undefined) delete this.#protocols.transport;
        else this.#protocols.transport = name;
        // Where there are several families, nft keeps what looks at a header of one.
        if (text !== 'meta l4proto' && family !== 'ip' && family !== 'ip6') return;
        break;
      }
      case 'network':
        if (family === 'ip' || family === 'ip6') break;
        if (number === 2 || number === 0x800) this.#protocols.network = 'ip';
        else if (number === 10 || number === 0x86dd) this.#protocols.network = 'ip6';
        else delete this.#protocols.network;
        break;
      case 'link':
        if (number === 1) this.#protocols.link = 'ether';
        else delete this.#protocols.link;
    }
    this.#implied.set(tells, statement);
  }

  /** `@name`, or the elements of a set that stands in the rule. */
  #setText(name: string, fields: readonly Operand[]): string {
    const known = this.sets.get(name);
    if (known?.elements === undefined || !isAnonymous(known.set)) return `@${name}`;
    const types = { fields: fields.map(({ type, length }) => ({ type, length: length ?? 0 })) };
    const elements = sortedElements(known.set, known.elements, types);
    return `{ ${elements.map((element) => elementText(known.set, element, this.options, types)).join(', ')} }`;
  }

  #fields(source: number | undefined, set: NamedSet | undefined): Operand[] {
    const count = set === undefined || set.key.length === 0 ? undefined : set.key.length;
    const fields = this.#registers.readConcatenation(source ?? -1, count);
    return fields.length > 0 ? fields : [this.#value(source)];
  }

  #lookup({ source, destination, set: name = '', flags = 0 }: Members): void {
    const set = this.sets.get(name)?.set;
    const fields = this.#fields(source, set);
    const left = fields.map(({ text }) => text).join(' . ');
    const right = this.#setText(name, fields);
    if (destination === undefined) {
      this.#useNames(fields);
      this.#statements.push({ text: `${left} ${(flags & NFT_LOOKUP_F_INV) === 0 ? '' : '!= '}${right}` });
      return;
    }
    if (destination === 0) {
      this.#useNames(fields);
      this.#act(`${left} vmap ${right}`);
      return;
    }
    this.#load(destination, mapOperand(`${left} map ${right}`, set, fields));
  }

  #objectReference(expression: Expression, { source, set: name }: Members): void {
    if (name === undefined) {
      this.#act(objectReferenceText(expression) ?? bracketed(expression));
      return;
    }
    const set = this.sets.get(name)?.set;
    if (typeof set?.data !== 'string') {
      this.#act(bracketed(expression));
      return;
    }
    const fields = this.#fields(source, set);
    this.#useNames(fields);
    const left = fields.map(({ text }) => text).join(' . ');
    this.#act(`${set.data} name ${left} map ${this.#setText(name, fields)}`);
  }

  #nat(expression: Expression): void {
    const read = (register: number) => this.#value(register);
    if (expression.name === 'nat') {
      const { addressMin } = (expression.data ?? {}) as { addressMin?: number };
      if (addressMin !== undefined) this.#useNames([read(addressMin)]);
      this.#act(natText(expression, this.rule.chain.table.family, read, this.options));
      return;
    }
    const word = expression.name === 'masq' ? 'masquerade' : 'redirect';
    this.#act(portNatText(word, expression, read, this.options));
  }

  #reject(expression: Expression): void {
    const { family } = this.rule.chain.table;
    const text = rejectText(expression, family, this.#protocols.network, this.options);
    const layer: Layer | undefined = text.includes('tcp reset')
      ? 'transport'
      : / icmp(?:v6)? /.test(text)
        ? 'network'
        : undefined;
    if (layer !== undefined) this.#useNames([{ ...unknownOperand(text), needs: [layer] }]);
    this.#act(text);
  }

  /** Extensions of iptables are data of programs of their own: only their names can be said. nft refuses to load them. */
  #extension({ name: kind, data }: Expression): void {
    const { name } = (data ?? {}) as { name?: string };
    this.#compatible = false;
    this.#act(`xt ${kind}${name === undefined ? '' : ` ${quoted(name)}`}`);
  }
}

/** The value a map leads to. */
function mapOperand(text: string, set: NamedSet | undefined, fields: readonly Operand[]): Operand {
  const needs = fields.flatMap((field) => [...(field.needs ?? []), ...(field.masked?.of.needs ?? [])]);
  const common = { text, ...(needs.length === 0 ? {} : { needs }) };
  const data = set?.data;
  if (data === undefined || typeof data === 'string' || data.length === 0) {
    return { ...common, type: types.raw, length: undefined, hostOrder: false };
  }
  const [only] = data;
  const type: DataType = data.length === 1 && only !== undefined ? typeNamed(only) : types.raw;
  return { ...common, type, length: keyLength(data), hostOrder: type.hostOrder === true };
}

/**
 * Prints the instructions of a rule as nft would write them. Never throws: an instruction that has no form here is printed in brackets,
 * with its name and members.
 *
 * @param sets the sets of its table; those it looks in by a name that is not among them are printed by name
 */
export function formatRule(rule: Rule, sets: SetsByName = new Map(), options: FormatOptions = {}): string {
  return new RuleReader(rule, sets, options).text();
}
