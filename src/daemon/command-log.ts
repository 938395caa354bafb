import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { extensionOf } from '../contract/extension.js';
import type { Invocation } from '../contract/invocation.js';
import type { CommandResult } from './handler.js';

const commandShape = /^[a-z][a-z0-9-]{0,63}$/;
const identifierShape = /^\d{1,20}$/;
const longestText = 500;

/**
 * One line per command, and one per note on it, in the extension's log, where operators look: `<directory>/<ext>/<ext>.log`. Of the call's arguments
 * only the command's name and the ids appear: the others may hold passwords and keys.
 *
 * Every write opens the file anew: logrotate may move it and somebody may remove the directory at any time. Lines that
 * come while a write is under way go out together in the next one.
 */
export class CommandLog {
  readonly #directory: string;
  readonly #waiting = new Map<string, string[]>();
  #writing: Promise<void> | undefined;
  #complained = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  record(invocation: Invocation, result: CommandResult, milliseconds: number): void {
    const file = this.#file(invocation.program);
    const lines = this.#waiting.get(file) ?? [];
    lines.push(logLines(new Date(), invocation, result, milliseconds));
    this.#waiting.set(file, lines);
    this.#writing ??= this.#write();
  }

  /** Returns when everything recorded so far has been written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #file(program: string): string {
    const extension = logNameOf(program);
    return join(this.#directory, extension, `${extension}.log`);
  }

  async #write(): Promise<void> {
    // Let the reply go out first.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [file, lines] of this.#waiting) {
      this.#waiting.delete(file);
      try {
        await append(file, lines.join(''));
      } catch (error) {
        // A full disk must not stop the network; it is said once.
        if (!this.#complained)
          process.stderr.write(`cloudstack-netns: cannot write the log ${file}: ${String(error)}\n`);
        this.#complained = true;
      }
    }
    this.#writing = undefined;
  }
}

/** The extension in whose log a program's calls stand. */
export function logNameOf(program: string): string {
  try {
    return extensionOf(program);
  } catch {
    // The call itself is refused for this; it is logged all the same.
    return 'cloudstack-netns';
  }
}

/** The call's line, and one for each note, with their ends. */
export function logLines(time: Date, invocation: Invocation, result: CommandResult, milliseconds: number): string {
  const [command = ''] = invocation.arguments;
  const about = [
    time.toISOString(),
    commandShape.test(command) ? command : '(unknown command)',
    result.subject ?? subjectOf(invocation.arguments),
  ].filter((field) => field !== '');
  const end = [`exit=${result.exitCode}`, `${milliseconds.toFixed(1)}ms`];
  if (result.exitCode !== 0) end.push(`error=${quote(result.stderr)}`);
  const notes = (result.notes ?? []).map((note) => [`note=${quote(note)}`]);
  return [end, ...notes].map((fields) => `${[...about, ...fields].join(' ')}\n`).join('');
}

/** On one line whatever the text is. */
function quote(text: string): string {
  return JSON.stringify(text.trim().slice(0, longestText));
}

function subjectOf(options: readonly string[]): string {
  const named = (['network', 'vpc'] as const).flatMap((kind) => {
    const value = options[options.indexOf(`--${kind}-id`, 1) + 1];
    return options.indexOf(`--${kind}-id`, 1) > 0 && value !== undefined && identifierShape.test(value)
      ? [`${kind}=${value}`]
      : [];
  });
  return named.join(' ');
}

async function append(file: string, text: string): Promise<void> {
  const options = { mode: 0o640 };
  try {
    await appendFile(file, text, options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await appendFile(file, text, options);
  }
}
