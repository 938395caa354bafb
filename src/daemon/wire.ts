import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import type { Invocation } from '../contract/invocation.js';
import type { CommandResult } from './handler.js';

/** A request's or a reply's bytes are not what docs/architecture.md says. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Largest payload of a request, in bytes. The kernel lets no command line through that comes near. */
export const maximumPayload = 64 * 1024 * 1024;

const magic = Buffer.from('CSN1', 'latin1');
const headerLength = magic.length + 4;
const frameHeaderLength = 5;
const frame = { stdout: 1, stderr: 2, exit: 3 } as const;

/** The bytes of a whole request. The inverse of {@link RequestReader}; the native client has its own encoder. */
export function encodeRequest(invocation: Invocation): Buffer {
  const variables = Object.entries(invocation.environment);
  const parts: Buffer[] = [];
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'utf8');
    parts.push(number(bytes.length), bytes);
  };
  text(invocation.program);
  text(invocation.directory);
  parts.push(number(invocation.arguments.length));
  for (const argument of invocation.arguments) text(argument);
  parts.push(number(variables.length));
  for (const [name, value] of variables) {
    text(name);
    text(value);
  }
  const payload = Buffer.concat(parts);
  return Buffer.concat([magic, number(payload.length), payload]);
}

/** Puts one request together from the pieces a socket delivers. */
export class RequestReader {
  #pieces: Buffer[] = [];
  #length = 0;
  #expected: number | undefined;

  /** True once the first byte has arrived. */
  get begun(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes the next piece; returns the request when it is complete.
   *
   * @throws WireError as soon as it is clear that no valid request can come of it
   */
  push(piece: Buffer): Invocation | undefined {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#expected === undefined) {
      const start = this.#join();
      const known = Math.min(start.length, magic.length);
      if (start.compare(magic, 0, known, 0, known) !== 0) {
        throw new WireError(
          'the request does not begin with CSN1: the client is of another version or no client at all',
        );
      }
      if (start.length < headerLength) return undefined;
      const payload = start.readUInt32LE(magic.length);
      if (payload > maximumPayload) {
        throw new WireError(`the request is ${payload} bytes long, at most ${maximumPayload} are accepted`);
      }
      this.#expected = headerLength + payload;
    }
    if (this.#length < this.#expected) return undefined;
    if (this.#length > this.#expected) {
      throw new WireError(`the request is followed by ${this.#length - this.#expected} bytes that do not belong to it`);
    }
    return decodePayload(this.#join().subarray(headerLength));
  }

  #join(): Buffer {
    const [first] = this.#pieces;
    const joined = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}

/**
 * Reads a request's payload.
 *
 * @throws WireError
 */
export function decodePayload(payload: Buffer): Invocation {
  const reader = new PayloadReader(payload);
  const program = reader.text('the program');
  const directory = reader.text('the directory');
  const argumentCount = reader.count('arguments', 4);
  const invocationArguments: string[] = [];
  for (let index = 1; index <= argumentCount; index++) invocationArguments.push(reader.text(`argument ${index}`));
  const variableCount = reader.count('variables', 8);
  const variables: [string, string][] = [];
  for (let index = 1; index <= variableCount; index++) {
    const name = reader.text(`the name of variable ${index}`);
    variables.push([name, reader.text(`the value of variable ${index}`)]);
  }
  reader.finish();
  if (!program.startsWith('/') || !directory.startsWith('/')) {
    throw new WireError('the request names its program or directory by a relative path');
  }
  return {
    // The client glues a relative path to its directory; "." and ".." go here. Symbolic links stay: they name the extension.
    program: resolve(program),
    directory,
    arguments: invocationArguments,
    environment: Object.fromEntries(variables),
  };
}

/** The bytes of a whole reply. */
export function encodeReply({ exitCode, stdout, stderr }: CommandResult): Buffer {
  const parts: Buffer[] = [];
  for (const [kind, text] of [
    [frame.stdout, stdout],
    [frame.stderr, stderr],
  ] as const) {
    if (text === '') continue;
    const bytes = Buffer.from(text, 'utf8');
    parts.push(frameHeader(kind, bytes.length), bytes);
  }
  const representable = Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= 255;
  parts.push(frameHeader(frame.exit, 1), Buffer.of(representable ? exitCode : 1));
  return Buffer.concat(parts);
}

/**
 * Reads a whole reply: everything that came until the daemon closed the connection.
 *
 * @throws WireError
 */
export function decodeReply(reply: Buffer): CommandResult {
  const output = { [frame.stdout]: [] as Buffer[], [frame.stderr]: [] as Buffer[] };
  let offset = 0;
  while (offset + frameHeaderLength <= reply.length) {
    const kind = reply.readUInt8(offset);
    const end = offset + frameHeaderLength + reply.readUInt32LE(offset + 1);
    if (end > reply.length) break;
    const body = reply.subarray(offset + frameHeaderLength, end);
    if (kind === frame.exit && body.length === 1 && end === reply.length) {
      return {
        exitCode: body.readUInt8(0),
        stdout: Buffer.concat(output[frame.stdout]).toString('utf8'),
        stderr: Buffer.concat(output[frame.stderr]).toString('utf8'),
      };
    }
    if (kind !== frame.stdout && kind !== frame.stderr) throw new WireError(`the reply holds a frame of kind ${kind}`);
    output[kind].push(body);
    offset = end;
  }
  throw new WireError('the reply ends before its exit code');
}

class PayloadReader {
  #offset = 0;

  constructor(readonly payload: Buffer) {}

  text(what: string): string {
    const length = this.#number(`the length of ${what}`);
    const end = this.#offset + length;
    if (end > this.payload.length) throw new WireError(`${what} is longer than the request`);
    const bytes = this.payload.subarray(this.#offset, end);
    this.#offset = end;
    if (!isUtf8(bytes)) throw new WireError(`${what} is not valid UTF-8`);
    return bytes.toString('utf8');
  }

  /** A number of things of at least `smallest` bytes each, so that garbage cannot announce billions of them. */
  count(what: string, smallest: number): number {
    const count = this.#number(`the number of ${what}`);
    if (count * smallest > this.payload.length - this.#offset) {
      throw new WireError(`the request announces ${count} ${what}, more than fit into it`);
    }
    return count;
  }

  finish(): void {
    const left = this.payload.length - this.#offset;
    if (left > 0) throw new WireError(`the request's payload has ${left} bytes too many`);
  }

  #number(what: string): number {
    if (this.#offset + 4 > this.payload.length) throw new WireError(`the request ends before ${what}`);
    const value = this.payload.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function frameHeader(kind: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeaderLength);
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32LE(length, 1);
  return bytes;
}
