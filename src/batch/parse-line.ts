/** One line of a batch to the arguments of one call. */

import { z } from 'zod';
import { LineError, splitWords } from './split-words.js';

/** Options whose value is base64 of JSON (CONTRACT §6). Their value may be given as the JSON itself. */
const encoded: ReadonlySet<string> = new Set(['fw-rules', 'acl-rules', 'vm-data', 'restore-data']);

const command = z.looseObject({ command: z.string().min(1) });
const words = z.array(z.string()).min(1);

/**
 * A line holds the command and its options as words, as a JSON array of words, or as a JSON object: `{"command": "add-port-forward",
 * "network-id": 42, …}`, where a value may be a string, a number, a boolean, or JSON.
 *
 * @returns undefined for an empty line and for one that begins with `#`
 * @throws LineError
 */
export function parseLine(line: string): readonly string[] | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  if (text.startsWith('[')) return wordsOf(jsonOf(text));
  if (text.startsWith('{')) return argumentsOf(jsonOf(text));
  return splitWords(text);
}

/** What JSON.parse says quotes the line, which may hold a secret. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LineError('is no JSON; expected an object, an array of words, or words');
  }
}

function wordsOf(value: unknown): readonly string[] {
  const parsed = words.safeParse(value);
  if (!parsed.success) throw new LineError('expected an array of strings, the first one a command');
  return parsed.data;
}

function argumentsOf(value: unknown): readonly string[] {
  const parsed = command.safeParse(value);
  if (!parsed.success) throw new LineError('expected an object with "command", a string');
  const { command: name, ...options } = parsed.data;
  return [name, ...Object.entries(options).flatMap(([option, content]) => optionOf(option, content))];
}

function optionOf(option: string, content: unknown): string[] {
  const name = option.replaceAll('_', '-').replace(/^--/, '');
  if (content === null) return [];
  if (name === 'dry-run') return content === true ? ['--dry-run'] : [];
  if (typeof content !== 'object') return [`--${name}`, String(content)];
  const json = JSON.stringify(content);
  return [`--${name}`, encoded.has(name) ? Buffer.from(json).toString('base64') : json];
}
