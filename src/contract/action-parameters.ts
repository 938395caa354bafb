import { z } from 'zod';
import type { GrammarProblem } from '../model/grammar.js';
import {
  isReserved,
  isTableName,
  lastTable,
  parseTableId,
  parseTableReference,
  type TableReference,
} from '../model/table-names.js';
import { ContractError } from './contract-error.js';
import { readJson } from './nested-value.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';

/** Values are text that CloudStack made of typed values; null is how it says none, and so is an empty text. */
const schema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** CONTRACT §5.11: names of one parameter, the first that is not empty counts. */
const aliases = {
  tableId: ['table-id', 'table_id', 'id', 'tableid'],
  tableName: ['table-name', 'table_name', 'name', 'tablename', 'table'],
  table: ['table', 'table-name', 'table_name', 'tablename', 'table-id', 'table_id', 'id', 'tableid'],
  route: ['route', 'route-spec', 'route_spec'],
  rule: ['rule', 'rule-spec', 'rule_spec'],
} as const;

type Parameter = keyof typeof aliases;

/** The parameters of one action. They can be an operator's secrets, so only what is wrong with a routing parameter is shown. */
export class ActionParameters {
  readonly #values: ReadonlyMap<string, string>;

  /** @throws ContractError when they are no JSON object of texts. */
  constructor(
    private readonly call: RawCall,
    private readonly action: string,
  ) {
    const isSent = call.fields.action_params !== undefined || call.nested.action_params !== undefined;
    const result = schema.safeParse(isSent ? readJson(call, 'action_params') : {});
    if (!result.success) {
      throw new ContractError(`${call.command}: ${call.spelling('action_params')}: expected a JSON object of texts`);
    }
    this.#values = new Map(
      Object.entries(result.data).flatMap(([key, value]) =>
        value === null || value === '' ? [] : [[key, String(value)]],
      ),
    );
  }

  /** A parameter under any of its names. */
  find(parameter: Parameter): string | undefined {
    return aliases[parameter].map((alias) => this.#values.get(alias)).find((value) => value !== undefined);
  }

  /** @throws ContractError when it is missing. */
  need(parameter: Parameter): string {
    const value = this.find(parameter);
    if (value === undefined) throw this.refuse(`parameter "${aliases[parameter][0]}" is missing`);
    return value;
  }

  /** A table by id or name. @throws ContractError */
  table(): TableReference {
    return this.#reference(this.need('table'));
  }

  /** The same when there may be none. @throws ContractError */
  optionalTable(): TableReference | undefined {
    const text = this.find('table');
    return text === undefined ? undefined : this.#reference(text);
  }

  /** An id that an operator may name. @throws ContractError */
  tableId(text: string): number {
    const id = parseTableId(text);
    if (id === undefined) throw this.refuse(`table id ${quote(text)}: expected a number from 1 to ${lastTable}`);
    if (isReserved({ id })) throw this.refuse(`table id ${quote(text)} is reserved (default, main, local)`);
    return id;
  }

  /** A name that an operator may give. @throws ContractError */
  tableName(text: string): string {
    if (!isTableName(text)) {
      throw this.refuse(
        `table name ${quote(text)}: expected a letter, then up to 31 letters, digits, ".", "_" and "-"`,
      );
    }
    if (isReserved({ name: text })) throw this.refuse(`table name ${quote(text)} is reserved`);
    return text;
  }

  /** The error for a text that does not follow its grammar. */
  misspelled(
    kind: 'route' | 'rule',
    { word, reason }: GrammarProblem,
    { summary }: { readonly summary: string },
  ): ContractError {
    const what = word === undefined ? `the ${kind} ${reason}` : `${quote(word)} ${reason}`;
    return this.refuse(`${what}; expected ${summary}`);
  }

  refuse(reason: string): ContractError {
    return new ContractError(`${this.call.command}: ${this.action}: ${reason}`);
  }

  #reference(text: string): TableReference {
    const table = parseTableReference(text);
    if (table === undefined) {
      throw this.refuse(`table ${quote(text)}: expected the name of a table, or a number from 1 to ${lastTable}`);
    }
    return table;
  }
}
