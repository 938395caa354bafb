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
  readonly #clock = new LogClock();
  #last: { readonly program: string; readonly file: string } | undefined;
  #writing: Promise<void> | undefined;
  #complained = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  record(invocation: Invocation, result: CommandResult, milliseconds: number): void {
    const file = this.#file(invocation.program);
    const lines = logLines(this.#clock.text, invocation, result, milliseconds);
    const waiting = this.#waiting.get(file);
    if (waiting === undefined) this.#waiting.set(file, [lines]);
    else waiting.push(lines);
    this.#writing ??= this.#write();
  }

  /** Returns when everything recorded so far has been written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #file(program: string): string {
    // The commands of a batch are all of one program.
    if (this.#last?.program !== program) {
      const extension = logNameOf(program);
      this.#last = { program, file: join(this.#directory, extension, `${extension}.log`) };
    }
    return this.#last.file;
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

/** The time as it stands in the log; many commands end in the same millisecond. */
class LogClock {
  #milliseconds = Number.NaN;
  #text = '';

  get text(): string {
    const now = Date.now();
    if (now !== this.#milliseconds) {
      this.#milliseconds = now;
      this.#text = new Date(now).toISOString();
    }
    return this.#text;
  }
}

/**
 * The call's line, and one for each note, with their ends.
 *
 * @param time ISO 8601
 */
export function logLines(time: string, invocation: Invocation, result: CommandResult, milliseconds: number): string {
  const [command = ''] = invocation.arguments;
  const subject = result.subject ?? subjectOf(invocation.arguments);
  const name = commandShape.test(command) ? command : '(unknown command)';
  const about = subject === '' ? `${time} ${name}` : `${time} ${name} ${subject}`;
  const error = result.exitCode === 0 ? '' : ` error=${quote(result.stderr)}`;
  let lines = `${about} exit=${result.exitCode} ${milliseconds.toFixed(1)}ms${error}\n`;
  for (const note of result.notes ?? []) lines += `${about} note=${quote(note)}\n`;
  return lines;
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
