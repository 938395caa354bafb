/** What travels between `cloudstack-netns batch` and the daemon: frames of JSON, each after its length (docs/architecture.md). */

import { z } from 'zod';
import { WireError } from './wire.js';

/** The first bytes of a batch's connection. */
export const batchMagic = Buffer.from('CSB1', 'latin1');

/** The first frame: what all commands have in common. */
export const batchHeader = z.object({
  /** Absolute path of the program, by which the extension is known. */
  program: z.string().startsWith('/'),
  directory: z.string().startsWith('/'),
  environment: z.record(z.string(), z.string()),
  /** All commands of a namespace, or none of them. */
  isAtomic: z.boolean(),
});

export type BatchHeader = z.infer<typeof batchHeader>;

/** A further frame to the daemon: commands with a number each, by which their results are known. An empty one is the end. */
export type BatchCommands = (readonly [number: number, words: readonly string[]])[];

/** A frame from the daemon. An empty one is the end. */
export type BatchResults = (readonly [
  number: number,
  exitCode: number,
  subject: string,
  stdout: string,
  stderr: string,
])[];

// Looked at in one go: a schema of each word would cost more than all else that is done to read a command.
export const batchCommands = z.custom<BatchCommands>(
  (frame) => isListOf(isCommand, frame),
  'expected a list of commands, each a number and a list of words',
);

export const batchResults = z.custom<BatchResults>(
  (frame) => isListOf(isResult, frame),
  'expected a list of results, each two numbers and three texts',
);

const isString = (value: unknown) => typeof value === 'string';

function isListOf(isItem: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isCommand(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && Number.isInteger(value[0]) && isListOf(isString, value[1]);
}

function isResult(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const [number, exitCode, subject, stdout, stderr] = value;
  return (
    Number.isInteger(number) && Number.isInteger(exitCode) && isString(subject) && isString(stdout) && isString(stderr)
  );
}

/** Largest frame, in bytes: one command may be as large as a request. */
const maximumFrame = 80 * 1024 * 1024;

const lengthBytes = 4;

export function encodeFrame(value: BatchHeader | BatchCommands | BatchResults): Buffer {
  const text = Buffer.from(JSON.stringify(value), 'utf8');
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/**
 * The frames in what a socket delivers, each still to be checked for what it is.
 *
 * @throws WireError when one is too long, no JSON, or not complete
 */
export async function* frames(input: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let waiting: Buffer[] = [];
  let length = 0;
  let expected: number | undefined;
  for await (const piece of input) {
    waiting.push(piece);
    length += piece.length;
    for (;;) {
      if (expected === undefined && length >= lengthBytes) {
        waiting = [Buffer.concat(waiting)];
        expected = lengthBytes + (waiting[0]?.readUInt32LE(0) ?? 0);
        if (expected > maximumFrame)
          throw new WireError(`a frame of ${expected} bytes, at most ${maximumFrame} are accepted`);
      }
      if (expected === undefined || length < expected) break;
      const joined = Buffer.concat(waiting);
      const text = joined.toString('utf8', lengthBytes, expected);
      const rest = joined.subarray(expected);
      waiting = rest.length === 0 ? [] : [rest];
      length = rest.length;
      expected = undefined;
      yield parseFrame(text);
    }
  }
  if (length > 0) throw new WireError('the connection ends in the middle of a frame');
}

function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError('a frame is no JSON');
  }
}

/** A frame as what it is to be. @throws WireError */
export function checked<Value>(schema: z.ZodType<Value>, frame: unknown): Value {
  const parsed = schema.safeParse(frame);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const words = [issue?.path.join('.'), issue?.message].filter((word) => word !== undefined && word !== '');
  throw new WireError(`a frame of a batch is not what it should be: ${words.join(': ')}`);
}
