import { messageIn } from '../daemon/failure.js';

/** How a command of a batch ended. */
export interface LineResult {
  /** Number of the line, from 1. */
  readonly line: number;
  /** Undefined when the line could not be read. */
  readonly command: string | undefined;
  readonly exitCode: number;
  /** `network=42`, `vpc=7`, or empty. */
  readonly subject: string;
  readonly stdout: string;
  /** One line. */
  readonly stderr: string;
}

/** The result for a person: `17 ok add-port-forward network=42`, with what the command answers below it. */
export function resultText({ line, command, exitCode, subject, stdout, stderr }: LineResult): string {
  const words = [line, exitCode === 0 ? 'ok' : 'failed', command ?? '', subject].filter((word) => word !== '');
  const error = messageIn(stderr);
  const first = `${words.join(' ')}${error === '' ? '' : `: ${error}`}\n`;
  return stdout === '' ? first : `${first}${stdout.trimEnd().replace(/^/gm, '  ')}\n`;
}

/** The result for a program: one line of JSON. */
export function resultJson({ line, command, exitCode, subject, stdout, stderr }: LineResult): string {
  return `${JSON.stringify({ line, command, exit: exitCode, subject, stdout, stderr: stderr.trim() })}\n`;
}
