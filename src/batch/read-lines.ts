import { maximumPayload } from '../daemon/wire.js';
import { LineError } from './split-words.js';

/** A line and its number, from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
  /** Bytes of the input up to its end. */
  readonly read: number;
}

const newline = 0x0a;

/**
 * The lines of a stream, one piece of it after the other; never more of it in memory than a piece and an unfinished line.
 *
 * @throws LineError when a line is too long, or not UTF-8
 */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest: Buffer[] = [];
  let waiting = 0;
  let number = 0;
  let read = 0;
  const line = (bytes: Buffer): Line => {
    number++;
    try {
      return { number, text: decoder.decode(bytes), read };
    } catch {
      throw new LineError(`line ${number}: is not UTF-8`);
    }
  };
  for await (const piece of input) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      const bytes = piece.subarray(start, end);
      read += bytes.length + 1;
      lines.push(line(rest.length === 0 ? bytes : Buffer.concat([...rest, bytes])));
      rest = [];
      waiting = 0;
      start = end + 1;
    }
    if (start < piece.length) {
      rest.push(piece.subarray(start));
      waiting += piece.length - start;
      read += piece.length - start;
      if (waiting > maximumPayload) {
        throw new LineError(`line ${number + 1}: is longer than ${maximumPayload} bytes`);
      }
    }
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [line(Buffer.concat(rest))];
}
