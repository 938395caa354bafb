/**
 * Lists of objects as columns: tens of thousands of objects, each with its texts and lists, are slow to make and slow to be rid of, where a
 * column is one typed array.
 */

import { native } from '../kernel/native.js';
import type { Column, ColumnContent } from './column.js';
import { columnBuilder, Texts } from './column-builder.js';

export {
  type Column,
  type ColumnContent,
  type ColumnKind,
  type NetworkColumn,
  noInteger,
  noText,
  otherPrefix,
} from './column.js';

const emptyList = Buffer.from('[]');

/** The wanted members of a row by their names. None may be called as a member of {@link Rows} is, or of all objects. */
export type Columns = Readonly<Record<string, Column>> & { readonly count?: never; readonly texts?: never };

/** The columns, each under the name of its member, and what they have in common. */
export type Rows<Wanted extends Columns> = {
  readonly count: number;
  /** Each different text once, in no particular order. */
  readonly texts: readonly string[];
} & { readonly [Name in keyof Wanted]: ColumnContent[Wanted[Name]['kind']] };

/** What a document holds. */
export interface Document<Wanted extends Columns> {
  readonly rows: Rows<Wanted>;
  /** The other members of the object that has the list; none where the document is the list. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** A row is not what it should be. */
export class RowError extends Error {
  override readonly name = 'RowError';

  /**
   * @param index of the row, from 0
   * @param path the member's name, empty for the row itself
   * @param words `expected a text`
   */
  constructor(
    readonly index: number,
    readonly path: string,
    readonly words: string,
  ) {
    super(`row ${index}: ${path === '' ? '' : `${path}: `}${words}`);
  }
}

/**
 * The rows from values; what other members these have does not matter.
 *
 * @throws RowError about the first row that is wrong, and in it about the first member that is, in the order of the columns
 */
export function rowsOf<const Wanted extends Columns>(values: readonly unknown[], columns: Wanted): Rows<Wanted> {
  const texts = new Texts();
  const builders = Object.entries<Column>(columns).map(
    ([name, column]) => [name, columnBuilder(column, values.length, texts)] as const,
  );
  for (const [index, value] of values.entries()) {
    if (!isObject(value)) throw new RowError(index, '', 'expected an object');
    const wrong = builders.find(([name, builder]) => !builder.add(value[name]));
    if (wrong !== undefined) throw new RowError(index, wrong[0], `expected ${wrong[1].words}`);
  }
  return rowsFrom(
    values.length,
    texts.all,
    builders.map(([name, builder]) => [name, builder.content()]),
  );
}

/**
 * The rows of a JSON document, without making values of it.
 *
 * @param json UTF-8
 * @param list member of the document's object that has the list; undefined: the document is the list
 * @returns undefined when the text is not plain enough, is not what it should be, or is no JSON. `JSON.parse` and {@link rowsOf} read it then,
 * or say what is wrong with it.
 */
export function readRows<const Wanted extends Columns>(
  json: Uint8Array,
  list: string | undefined,
  columns: Wanted,
): Document<Wanted> | undefined {
  const wanted = Object.entries<Column>(columns).map(([name, column]) => ({ name, ...column }));
  const read = native.readRows(json, list, wanted);
  if (read === undefined) return undefined;
  const contents = read.columns.map((content, index) => [wanted[index]?.name ?? '', content] as const);
  const others = list === undefined ? {} : withoutList(json, read.listStart, read.listEnd, list);
  return { rows: rowsFrom(read.count, read.texts, contents), others };
}

/** The document's object without its long list; the addon has seen that it is one. */
function withoutList(json: Uint8Array, start: number, end: number, list: string): Readonly<Record<string, unknown>> {
  const text = Buffer.concat([json.subarray(0, start), emptyList, json.subarray(end)]).toString('utf8');
  const { [list]: _, ...others } = JSON.parse(text) as Record<string, unknown>;
  return others;
}

function rowsFrom<Wanted extends Columns>(
  count: number,
  texts: readonly string[],
  contents: readonly (readonly [name: string, content: ColumnContent[keyof ColumnContent]])[],
): Rows<Wanted> {
  // Each column was made by its kind, which is more than the compiler can see.
  return { count, texts, ...Object.fromEntries(contents) } as Rows<Wanted>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
