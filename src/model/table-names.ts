/** Names of routing tables, as `ip` reads them from `rt_tables` files: `100 isp2`, one a line, `#` begins a comment. */

/** A routing table and its name. */
export interface NamedTable {
  /** 0–4294967295. */
  readonly id: number;
  readonly name: string;
}

/** What a text can mean a table by. */
export type TableReference = { readonly id: number } | { readonly name: string };

/** Largest id of a routing table: 32 bits. */
export const lastTable = 0xffffffff;

/** The tables the kernel and `ip` know by themselves (linux/rtnetlink.h, RT_TABLE_*). */
export const reservedTables: readonly NamedTable[] = [
  { id: 255, name: 'local' },
  { id: 254, name: 'main' },
  { id: 253, name: 'default' },
  { id: 0, name: 'unspec' },
];

/** Whether a text can be a table's name: a letter, then up to 31 of `A–Z a–z 0–9 . _ -`. It becomes a word in a line of a file. */
export function isTableName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9._-]{0,31}$/.test(text);
}

/** An id 1–4294967295, decimal or with `0x`; undefined for anything else, 0 included: it is no table. */
export function parseTableId(text: string): number | undefined {
  if (!/^(?:[1-9][0-9]{0,9}|0x[0-9a-f]{1,8})$/i.test(text)) return undefined;
  const id = Number(text);
  return id >= 1 && id <= lastTable ? id : undefined;
}

/** An id or a name; undefined for anything else. */
export function parseTableReference(text: string): TableReference | undefined {
  const id = parseTableId(text);
  if (id !== undefined) return { id };
  return isTableName(text) ? { name: text } : undefined;
}

export function isReserved({ id, name }: Partial<NamedTable>): boolean {
  return reservedTables.some((table) => table.id === id || table.name === name);
}

/** The table a line names; undefined for a comment, an empty line, and what `ip` would not understand. */
function parseLine(line: string): NamedTable | undefined {
  const match = /^\s*(0x[0-9a-f]{1,8}|[0-9]{1,10})\s+([^\s#]+)\s*(?:#.*)?$/i.exec(line);
  const id = Number(match?.[1]);
  return match === null || id > lastTable ? undefined : { id, name: match[2] ?? '' };
}

/** The tables a file names. */
export function parseTableNames(text: string): NamedTable[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** The lines of a file that are neither empty nor a comment, as they are. */
export function tableLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
}

/**
 * The file with a table named: in the place of the first line of the same id or name, without the others; all other lines stay.
 * Undefined when the file names it so already.
 */
export function withTable(text: string, table: NamedTable): string | undefined {
  const known = parseTableNames(text);
  if (known.some(({ id, name }) => id === table.id && name === table.name)) return undefined;
  const own = `${table.id} ${table.name}`;
  const kept: string[] = [];
  let isPlaced = false;
  for (const line of linesOf(text)) {
    const named = parseLine(line);
    if (named?.id !== table.id && named?.name !== table.name) kept.push(line);
    else if (!isPlaced) {
      kept.push(own);
      isPlaced = true;
    }
  }
  return fileOf(isPlaced ? kept : [...kept, own]);
}

/** The file without the tables of an id or of a name; empty when no line is left. */
export function withoutTable(text: string, table: Partial<NamedTable>): string {
  return fileOf(
    linesOf(text).filter((line) => {
      const named = parseLine(line);
      return named === undefined || (named.id !== table.id && named.name !== table.name);
    }),
  );
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function fileOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Names of tables from several files; of two names for an id, or two ids for a name, the first counts. */
export class TableNames {
  readonly #idsByName = new Map<string, number>();
  readonly #namesById = new Map<number, string>();

  /** @param tables best first; the reserved ones are known anyway, and cannot be renamed */
  constructor(tables: Iterable<NamedTable>) {
    for (const { id, name } of [...reservedTables, ...tables]) {
      if (!this.#idsByName.has(name)) this.#idsByName.set(name, id);
      if (!this.#namesById.has(id)) this.#namesById.set(id, name);
    }
  }

  /** The id that is meant; undefined for a name that nobody has given. */
  idOf(table: TableReference): number | undefined {
    return 'id' in table ? table.id : this.#idsByName.get(table.name);
  }

  /** The name of a table, or its number. */
  nameOf(id: number): string {
    return this.#namesById.get(id) ?? String(id);
  }
}
