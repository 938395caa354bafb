/** Files people write, JSON or YAML: checked against a schema, with messages that point at the line. */

import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { VpcctlError } from '../vpcctl-error.js';

/** @throws VpcctlError when the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/^(\w+): ([^,]*),.*/, '$2 ($1)') : String(error);
    throw new VpcctlError(`${path}: ${words}; expected a file that can be read`);
  }
}

/**
 * What a document says.
 *
 * @param path of the file, for errors
 * @throws VpcctlError `file:line: key: what was expected`
 */
export function readDocument<Schema extends z.ZodType>(path: string, text: string, schema: Schema): z.infer<Schema> {
  const lines = new LineCounter();
  // JSON is YAML, and its parser tells where everything stands.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new VpcctlError(`${path}:${lines.linePos(problem.pos[0]).line}: ${firstLine(problem.message)}`);
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const keys = (issue?.path ?? []).map((key) => (typeof key === 'symbol' ? String(key) : key));
  const where = issue?.code === 'unrecognized_keys' ? [...keys, issue.keys[0] ?? ''] : keys;
  throw new VpcctlError(
    `${path}:${lineOf(where)}: ${where.join('.') || 'the document'}: ${issue?.message ?? 'is not valid'}`,
  );

  /** The line of a key, or of what it is missing in. */
  function lineOf(wanted: readonly (string | number)[]): number {
    for (let length = wanted.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(wanted.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
