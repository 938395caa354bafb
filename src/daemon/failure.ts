import { CallError } from '../contract/call-error.js';
import type { CommandResult } from './handler.js';

const prefix = 'cloudstack-netns: ';

/** The result of a call that ended in an exception: exit code 1 and one line. */
export function failure(error: unknown): CommandResult {
  const subject = error instanceof CallError ? { subject: error.subject } : {};
  return { exitCode: 1, stdout: '', stderr: `${prefix}${oneLine(error)}\n`, ...subject };
}

/** What the stderr of such a result says. */
export function messageIn(stderr: string): string {
  const text = stderr.trim();
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** An error in one line that can be shown: never a stack, and never the input that a JSON parser quotes, which may hold a secret. */
export function oneLine(error: unknown): string {
  if (error instanceof CallError) return oneLine(error.cause);
  if (error instanceof SyntaxError) return 'internal error: text that should be JSON is not';
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.trim().split(/[\r\n]/, 1);
  return line === '' ? 'internal error without a message' : line;
}
