/** A batch from its text to its results. */

import type { BatchCommands, BatchResults } from '../daemon/batch-wire.js';
import { messageIn } from '../daemon/failure.js';
import { parseLine } from './parse-line.js';
import { readLines } from './read-lines.js';
import type { LineResult } from './result-line.js';
import { LineError } from './split-words.js';

/** What carries out commands: sends them, and tells what came of each. Resolves to whether that was all. */
export type Carrier = (
  commands: AsyncIterable<BatchCommands>,
  told: (results: readonly Readonly<BatchResults[number]>[]) => void,
) => Promise<boolean>;

export interface BatchOptions {
  readonly input: AsyncIterable<Buffer>;
  readonly isAtomic: boolean;
  readonly carry: Carrier;
  readonly result: (result: LineResult) => void;
  /** Called with how many bytes of the input have been read. */
  readonly progress: (bytes: number) => void;
}

export interface BatchSummary {
  readonly done: number;
  readonly failed: number;
}

/** Most commands that travel together. */
const mostAtOnce = 512;

/**
 * Runs a batch. A line that cannot be read fails by itself; where it is all or nothing, all fail with it.
 *
 * @throws LineError about the input as a whole, Error when the daemon did not carry out all of it
 */
export async function runBatch({ input, isAtomic, carry, result, progress }: BatchOptions): Promise<BatchSummary> {
  const names = new Map<number, string>();
  const summary = { done: 0, failed: 0 };
  let problem: string | undefined;
  const tell = (one: LineResult) => {
    if (one.exitCode === 0) summary.done++;
    else summary.failed++;
    result(one);
  };
  const commands = async function* (): AsyncGenerator<BatchCommands> {
    for await (const lines of readLines(input)) {
      let some: BatchCommands = [];
      for (const { number, text } of lines) {
        const words = wordsOf(number, text);
        if (words === undefined) continue;
        names.set(number, words[0] ?? '');
        some.push([number, words]);
        if (some.length < mostAtOnce) continue;
        yield some;
        some = [];
      }
      if (some.length > 0) yield some;
      progress(lines.at(-1)?.read ?? 0);
    }
  };
  const wordsOf = (number: number, text: string) => {
    try {
      return parseLine(text);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      if (isAtomic) throw new LineError(`line ${number}: ${error.message}; nothing was changed`);
      tell({ line: number, command: undefined, exitCode: 1, subject: '', stdout: '', stderr: error.message });
      return undefined;
    }
  };
  const isWhole = await carry(commands(), (results) => {
    for (const [line, exitCode, subject, stdout, stderr] of results) {
      if (line === 0) problem = messageIn(stderr);
      else tell({ line, command: names.get(line), exitCode, subject, stdout, stderr });
      names.delete(line);
    }
  });
  if (problem !== undefined) throw new Error(problem);
  if (!isWhole) {
    const [first] = names.keys();
    throw new Error(
      `the daemon ended before it had answered all: ${names.size} commands sent and not answered, the first on line ${first ?? '?'}; ` +
        'repeat the batch from there',
    );
  }
  return summary;
}
