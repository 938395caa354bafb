/** Lists of rules as they were sent: tens of thousands of objects, which are read into columns without being made where that can be done. */

import { type Columns, RowError, type Rows, readRows, rowsOf } from '../rows/rows.js';
import { ContractError } from './contract-error.js';
import { parseFirstJson } from './lenient-json.js';
import { type NestedField, nestedSource, nestedValueOf } from './nested-value.js';
import type { RawCall } from './raw-call.js';
import { RuleError } from './rule-fields.js';

/** What a list is and what its rules are called. */
export interface SentList<Wanted extends Columns> {
  readonly field: NestedField;
  /** Member of the sent value that has the list; undefined: the value is the list. */
  readonly member: string | undefined;
  readonly columns: Wanted;
  /** What a rule is called in messages. */
  readonly nameOf: (rule: unknown, index: number) => string | number;
}

/** A sent value with its rules. */
export class SentRules<Wanted extends Columns> {
  /** What was sent; without the list where that is in {@link rows}. */
  readonly value: unknown;
  readonly rows: Rows<Wanted>;
  /** Only for messages. */
  readonly #rules: () => readonly unknown[];

  /**
   * @param rulesIn takes the list out of the value, if that is what it should be
   * @throws ContractError when it is not, a rule is not, or as {@link nestedSource} and {@link nestedValueOf}
   */
  constructor(
    private readonly call: RawCall,
    private readonly list: SentList<Wanted>,
    rulesIn: (value: unknown) => readonly unknown[],
  ) {
    const { field, member, columns } = list;
    const source = nestedSource(call, field);
    const document = 'json' in source ? readRows(source.json, member, columns) : undefined;
    if ('json' in source && document !== undefined) {
      this.value = document.others;
      this.rows = document.rows;
      this.#rules = () => rulesIn(parseFirstJson(source.json.toString()));
      return;
    }
    this.value = ('json' in source ? nestedValueOf(call, field, source) : source).value;
    const rules = rulesIn(this.value);
    this.#rules = () => rules;
    try {
      this.rows = rowsOf(rules, columns);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      throw this.#refuse(error.index, `${error.path || 'the rule'}: ${error.words}`);
    }
  }

  /** Shows the rows one by one. @throws ContractError for the RuleError that `visit` throws */
  each(visit: (row: number) => void): void {
    for (let row = 0; row < this.rows.count; row++) {
      try {
        visit(row);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        throw this.#refuse(row, error.message);
      }
    }
  }

  #refuse(index: number, words: string): ContractError {
    const name = this.list.nameOf(this.#rules()[index], index);
    return new ContractError(`${this.call.command}: rule ${name}: ${words}; no rule was changed`);
  }
}
