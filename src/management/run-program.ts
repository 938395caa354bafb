import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/*
 * Not by execa: reading it takes 15 of the 70 ms this program takes from start to end, in a program that CloudStack starts twice for
 * each of its steps.
 */

export interface ProgramOptions {
  /** What it reads from stdin, piece after piece; without, there is nothing to read. */
  readonly input?: readonly Uint8Array[];
  /** What it reads from descriptor 3. */
  readonly secret?: string;
  /** Descriptor that is its stderr, where a process that stays would hold a pipe open. */
  readonly stderr?: number;
  /** Milliseconds after which it is ended; undefined: never. */
  readonly deadline?: number | undefined;
}

export interface ProgramResult {
  /** Undefined when it was ended by a signal. */
  readonly exit: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly isLate: boolean;
}

const running = new Set<ChildProcess>();

/** Ends the programs that are at work, for a process that is to end itself. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs a program to its end.
 *
 * @throws the system's error when it cannot be started
 */
export function runProgram(argv: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const [program = '', ...words] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      stdio: [
        options.input === undefined ? 'ignore' : 'pipe',
        'pipe',
        options.stderr ?? 'pipe',
        ...(options.secret === undefined ? [] : ['pipe' as const]),
      ],
    });
    running.add(child);
    let isLate = false;
    const end = () => {
      isLate = true;
      child.kill('SIGTERM');
    };
    const timer = options.deadline === undefined ? undefined : setTimeout(end, options.deadline);
    const [stdin, stdout, stderr, secret] = child.stdio;
    const parts = { stdout: gather(stdout), stderr: gather(stderr) };
    child.once('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      reject(error);
    });
    const finish = (code: number | null) => {
      running.delete(child);
      clearTimeout(timer);
      for (const stream of [stdout, stderr]) stream?.destroy();
      resolve({
        exit: code ?? undefined,
        stdout: Buffer.concat(parts.stdout),
        stderr: Buffer.concat(parts.stderr),
        isLate,
      });
    };
    child.once('close', finish);
    // Others may hold its pipes: a shared connection does as long as the command is at work.
    child.once('exit', (code) => isLate && finish(code));
    if (isWritable(stdin)) feed(stdin, options.input ?? []);
    if (isWritable(secret)) feed(secret, [Buffer.from(options.secret ?? '')]);
  });
}

function gather(stream: Readable | Writable | null | undefined): Buffer[] {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return parts;
}

function isWritable(stream: Readable | Writable | null | undefined): stream is Writable {
  return stream !== null && stream !== undefined && 'write' in stream;
}

/** A program that ends before it has read everything is known by its exit code. */
function feed(stream: Writable, pieces: readonly Uint8Array[]): void {
  stream.on('error', () => undefined);
  for (const piece of pieces) stream.write(piece);
  stream.end();
}
