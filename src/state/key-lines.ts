/** Files of lines `<key>=<value>`: `passwords` is one. Bytes that are no lines of that form are left as they are. */

/** The value of a key; undefined when there is none. The last line counts, as for the shell wrapper, which appends. */
export function findLine(content: Uint8Array, key: string): string | undefined {
  const line = lines(content).findLast((one) => one.startsWith(`${key}=`));
  return line === undefined ? undefined : Buffer.from(line.slice(key.length + 1), 'latin1').toString('utf8');
}

/**
 * The content with one line for each of the keys in place of all it had; without a value with none.
 *
 * @param values by key, which is of ASCII
 */
export function editLines(content: Uint8Array, values: ReadonlyMap<string, string | undefined>): Buffer {
  const kept = lines(content).filter((line) => {
    const end = line.indexOf('=');
    return end === -1 || !values.has(line.slice(0, end));
  });
  for (const [key, value] of values) {
    if (value !== undefined) kept.push(`${key}=${Buffer.from(value, 'utf8').toString('latin1')}`);
  }
  return Buffer.from(kept.map((line) => `${line}\n`).join(''), 'latin1');
}

/** Byte for byte: a character of the text is a byte of the file. */
function lines(content: Uint8Array): string[] {
  const text = Buffer.from(content).toString('latin1');
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').filter((line) => line !== '');
}
