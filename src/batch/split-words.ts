/** A line of a batch is not what docs/architecture.md says. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/**
 * The words of a command line: separated by blanks; `'…'` keeps all as it is, `"…"` all but a backslash before `"` or `\`, and a backslash
 * outside of quotes the character after it. Nothing is expanded: no shell ever sees the line.
 *
 * @throws LineError when a quote is not closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? '';
    if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const { text, end } = quoted(line, index);
      word = (word ?? '') + text;
      index = end;
    } else if (character === '\\') {
      if (++index === line.length) throw new LineError('ends with a backslash; expected a character after it');
      word = (word ?? '') + line[index];
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What is between a quote at `start` and the one that closes it, at `end`. */
function quoted(line: string, start: number): { readonly text: string; readonly end: number } {
  const quote = line[start];
  if (quote === "'") {
    const end = line.indexOf("'", start + 1);
    if (end !== -1) return { text: line.slice(start + 1, end), end };
  } else {
    let text = '';
    for (let index = start + 1; index < line.length; index++) {
      const character = line[index];
      if (character === quote) return { text, end: index };
      const next = line[index + 1];
      if (character === '\\' && (next === quote || next === '\\')) index++;
      text += line[index];
    }
  }
  throw new LineError(`the quote ${quote} at column ${start + 1} is not closed`);
}
