/** Reading texts that are keywords with values in any order, such as the arguments of `ip route`. Driven by a table of keywords. */

/** Longest text that is looked at, in characters. */
const longest = 1024;

/** What a keyword is followed by. */
export interface Keyword<T> {
  readonly field: keyof T;
  /** The value's text to the value, undefined when it is none. Without it the keyword stands alone and means true. */
  readonly read?: (word: string) => unknown;
  /** What the value is, in an error: `an IPv4 address`. */
  readonly expected?: string;
}

/** The vocabulary of one kind of text. */
export interface Grammar<T> {
  /** All of it in one line, for errors. */
  readonly summary: string;
  readonly keywords: ReadonlyMap<string, Keyword<T>>;
  /** Words that need no keyword before them, in the order they are tried. */
  readonly bare: readonly (Required<Pick<Keyword<T>, 'read'>> & Keyword<T>)[];
}

/** A text does not follow its grammar. */
export class GrammarProblem {
  constructor(
    /** The word that was not understood; undefined when something is missing. */
    readonly word: string | undefined,
    /** What is wrong with it. */
    readonly reason: string,
  ) {}
}

/** The fields a text gives. The caller says which of them it needs. */
export function parseWords<T>(text: string, grammar: Grammar<T>): Partial<T> | GrammarProblem {
  if (text.length > longest) return new GrammarProblem(undefined, `has more than ${longest} characters`);
  // Only blanks separate words: a line end is no blank, it would begin another command in a shell.
  const words = text.split(/[ \t]+/).filter((word) => word !== '');
  const values = new Map<keyof T, unknown>();
  const rest = words.values();
  for (const word of rest) {
    const keyword = grammar.keywords.get(word);
    const found = keyword === undefined ? bareValue(word, grammar, values) : followedBy(word, keyword, rest);
    if (found instanceof GrammarProblem) return found;
    if (values.has(found.field)) return new GrammarProblem(word, 'is there twice');
    values.set(found.field, found.value);
  }
  // The tie between a field and its type is in the grammar's own table.
  return Object.fromEntries(values) as Partial<T>;
}

interface Value<T> {
  readonly field: keyof T;
  readonly value: unknown;
}

function followedBy<T>(word: string, keyword: Keyword<T>, rest: Iterator<string>): Value<T> | GrammarProblem {
  const { field, read, expected = 'a value' } = keyword;
  if (read === undefined) return { field, value: true };
  const next = rest.next();
  if (next.done === true) return new GrammarProblem(word, `is not followed by ${expected}`);
  const value = read(next.value);
  return value === undefined ? new GrammarProblem(next.value, `is not ${expected}`) : { field, value };
}

function bareValue<T>(
  word: string,
  { bare }: Grammar<T>,
  known: ReadonlyMap<keyof T, unknown>,
): Value<T> | GrammarProblem {
  for (const { field, read } of bare) {
    const value = known.has(field) ? undefined : read(word);
    if (value !== undefined) return { field, value };
  }
  return new GrammarProblem(word, 'is not understood');
}

/** A number 0–`largest`, decimal or with `0x`, no leading zeros (C reads them as octal); undefined for anything else. */
export function parseNumber(text: string, largest: number): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,9}|0x[0-9a-f]{1,8})$/i.test(text)) return undefined;
  const value = Number(text);
  return value <= largest ? value : undefined;
}

export const largestNumber = 0xffffffff;
