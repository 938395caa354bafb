import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Invocation } from '../contract/invocation.js';
import {
  type BatchHeader,
  type BatchResults,
  batchCommands,
  batchHeader,
  checked,
  encodeFrame,
  frames,
} from './batch-wire.js';
import type { CommandResult } from './handler.js';

/** Carries out the commands of batches. */
export interface BatchAnswers {
  /** Tells the result, once; perhaps before it returns. Never throws. */
  readonly answer: (invocation: Invocation, told: (result: CommandResult) => void) => void;
  /** All commands of a namespace, or none of them; one result for each. Never throws. */
  readonly answerTogether: (
    invocations: readonly Invocation[],
    nameOf: (index: number) => string,
  ) => Promise<readonly CommandResult[]>;
}

/** Most commands of one batch that are waited for; nothing more is read until then. */
const mostRunning = 1_024;

/** Most commands that are all done or not at all. */
const mostTogether = 250_000;

/**
 * The daemon's side of a batch: commands are begun as they come, those of one namespace in their order, and each result is told when it is
 * there. Returns when all that was begun is done and told.
 *
 * @param first what was read of the socket after {@link batchMagic}
 * @param stopping when it is aborted nothing more is begun
 */
export async function converseInBatch(
  socket: Socket,
  first: Buffer,
  answers: BatchAnswers,
  stopping: AbortSignal,
): Promise<void> {
  const input = new PassThrough();
  input.write(first);
  socket.pipe(input);
  const close = () => input.end();
  socket.once('close', close);
  stopping.addEventListener('abort', close, { once: true });
  const told = new Results(socket);
  let header: BatchHeader | undefined;
  const together: { readonly number: number; readonly invocation: Invocation }[] = [];
  for await (const frame of frames(input)) {
    if (header === undefined) {
      header = checked(batchHeader, frame);
      continue;
    }
    const { isAtomic, ...common } = header;
    const commands = checked(batchCommands, frame);
    if (commands.length === 0) {
      if (isAtomic) await carryOutTogether(together, answers, told);
      await told.end();
      return;
    }
    for (const [number, words] of commands) {
      const invocation = { ...common, arguments: words };
      if (isAtomic) together.push({ number, invocation });
      else {
        told.begin();
        answers.answer(invocation, (result) => told.add(number, result));
      }
    }
    if (together.length > mostTogether) {
      throw new Error(`a batch of more than ${mostTogether} commands cannot be all or nothing; nothing was changed`);
    }
    await told.room();
  }
  // The client has gone, or the daemon is to stop: without the last frame the client knows that something is missing.
  await told.allTold();
}

async function carryOutTogether(
  commands: readonly { readonly number: number; readonly invocation: Invocation }[],
  answers: BatchAnswers,
  told: Results,
): Promise<void> {
  const results = await answers.answerTogether(
    commands.map(({ invocation }) => invocation),
    (index) => `line ${commands[index]?.number}`,
  );
  for (const [index, result] of results.entries()) {
    told.begin();
    told.add(commands[index]?.number ?? 0, result);
  }
}

/** Results on their way to the client: many in one frame. */
class Results {
  #running = 0;
  #waiting: BatchResults = [];
  #isSending = false;
  #roomy: (() => void)[] = [];

  constructor(private readonly socket: Socket) {}

  /** One more command is at work. */
  begin(): void {
    this.#running++;
  }

  /** The result of one that was. */
  add(number: number, { exitCode, stdout, stderr, subject = '' }: CommandResult): void {
    this.#waiting.push([number, exitCode, subject, stdout, stderr]);
    if (!this.#isSending) void this.#send();
  }

  /** Returns when there is room for more commands. */
  async room(): Promise<void> {
    while (this.#running >= mostRunning) await new Promise<void>((resolve) => this.#roomy.push(resolve));
  }

  async allTold(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#roomy.push(resolve));
  }

  async end(): Promise<void> {
    await this.allTold();
    if (!this.socket.destroyed) this.socket.write(encodeFrame([]));
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      // What ends in the same turn is told in one frame.
      await setImmediate();
      const results = this.#waiting;
      this.#waiting = [];
      // Who does not read is waited for; who has gone is not.
      if (!this.socket.destroyed && !this.socket.write(encodeFrame(results))) await drained(this.socket);
      this.#running -= results.length;
      for (const resolve of this.#roomy.splice(0)) resolve();
    }
    this.#isSending = false;
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.once('drain', done).once('close', done);
    if (socket.destroyed) done();
  });
}
