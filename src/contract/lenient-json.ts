/**
 * The first complete JSON value of a text; what follows is ignored, because the stock entry script appends one `}` to both details
 * (CONTRACT §12.1). Raw control characters inside strings are accepted, because the JSON of generation 1 is partly written by hand.
 * Undefined when the text does not begin with a complete JSON value (JSON itself has no undefined).
 */
export function parseFirstJson(text: string): unknown {
  const clean = tryParse(text);
  if (clean !== undefined) return clean;
  const first = firstValue(text);
  return first === undefined ? undefined : tryParse(first);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The text of the first object, array or string, control characters inside strings escaped; the checking is left to JSON.parse. */
function firstValue(text: string): string | undefined {
  const start = text.search(/[^ \t\r\n]/);
  if (start === -1) return undefined;
  const parts: string[] = [];
  let copied = start;
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) {
        index++;
        continue;
      }
      if (code < 0x20) {
        parts.push(text.slice(copied, index), `\\u${code.toString(16).padStart(4, '0')}`);
        copied = index + 1;
      }
      if (code !== 0x22) continue;
      inString = false;
    } else if (code === 0x22) {
      inString = true;
      continue;
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
      continue;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    } else if (depth > 0) {
      continue;
    } else {
      // A bare word: it ends at the next delimiter.
      return /^[^\s,:[\]{}"]+/.exec(text.slice(index))?.[0];
    }
    if (depth <= 0) {
      parts.push(text.slice(copied, index + 1));
      return parts.join('');
    }
  }
  return undefined;
}
