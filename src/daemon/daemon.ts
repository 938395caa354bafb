import { createServer } from 'node:net';
import type { Invocation } from '../contract/invocation.js';
import { sinceStart, startedVariable } from '../trace/trace.js';
import { CommandLog } from './command-log.js';
import { Conversation } from './conversation.js';
import { failure } from './failure.js';
import type { CommandResult, Handler } from './handler.js';
import { Metrics, metricsCommand } from './metrics.js';
import type { PeerCredentialsReader } from './peer.js';
import { collect, Rest } from './rest.js';
import { isAlive, listenOnDescriptor, listenOnPath, type Place, PlaceTakenError } from './socket-place.js';
import { type Capabilities, type DaemonStatus, statusCommand } from './status.js';
import { traced } from './traced.js';

export interface DaemonOptions {
  readonly socketPath: string;
  /** A listening socket passed by systemd; then `socketPath` is not touched. */
  readonly activatedDescriptor?: number | undefined;
  readonly logDirectory: string;
  readonly version: string;
  readonly createHandler: () => Promise<Handler>;
  readonly peerCredentials: PeerCredentialsReader;
  readonly capabilities?: () => Promise<Capabilities>;
  /** Gives the kernel back what was freed outside of the JavaScript heap. */
  readonly trimMemory?: () => void;
  /** The only user that is served; default 0. */
  readonly uid?: number;
  /** Milliseconds a client may be silent while it sends its request; default 30 s. */
  readonly requestDeadline?: number;
}

/** A daemon that listens. */
export interface Daemon {
  /** Settles when the daemon has stopped: after {@link Daemon.stop}, or by itself when its socket's name was taken away. */
  readonly stopped: Promise<void>;
  /** Accepts nothing more, finishes what runs, sends the replies, writes the log. */
  stop(): Promise<void>;
}

/** After this many milliseconds guests are served and services looked after, whether a command has been answered or not. */
const mostPatience = 100;

/** Milliseconds that clients have to fetch their replies when the daemon stops. */
const farewell = 2000;

/**
 * Starts a daemon in this process. When it returns, clients can connect.
 *
 * @throws PlaceTakenError when another daemon is there
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  // Asked before the handler exists: it adopts services that a living daemon still has in its hands.
  if (options.activatedDescriptor === undefined && (await isAlive(options.socketPath))) {
    throw new PlaceTakenError(`another daemon answers on ${options.socketPath}`);
  }
  const handler = await options.createHandler();
  const desk = new Desk(handler, options);
  const conversations = new Set<Conversation>();
  let stopping: Promise<void> | undefined;

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const conversation = new Conversation(socket, {
      peerCredentials: options.peerCredentials,
      uid: options.uid ?? 0,
      requestDeadline: options.requestDeadline ?? 30_000,
      answer: (invocation, told) => desk.answer(invocation, told),
      answerTogether: (invocations, nameOf) => desk.answerTogether(invocations, nameOf),
    });
    conversations.add(conversation);
    void conversation.closed.then(() => conversations.delete(conversation));
    if (stopping !== undefined) conversation.abandonUnlessWorking();
  });
  const place: Place =
    options.activatedDescriptor === undefined
      ? await listenOnPath(server, options.socketPath)
      : await listenOnDescriptor(server, options.activatedDescriptor);
  // With very many networks this keeps the processor busy, and whoever had the daemon started waits for the answer.
  void desk.firstAnswer(mostPatience).then(() => {
    if (stopping !== undefined) return;
    handler.serve?.();
    void handler.superviseServices?.();
  });

  const stop = async () => {
    place.release();
    server.close();
    for (const conversation of conversations) conversation.abandonUnlessWorking();
    await Promise.all([...conversations].map((conversation) => conversation.workDone()));
    const cut = setTimeout(() => {
      for (const conversation of conversations) conversation.destroy();
    }, farewell);
    await Promise.all([...conversations].map((conversation) => conversation.closed));
    clearTimeout(cut);
    await desk.close();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  const stopped = new Promise<void>((resolve, reject) => {
    const follow = () => stopOnce().then(resolve, reject);
    void place.lost.then(follow);
    server.once('close', follow);
  });
  return { stopped, stop: stopOnce };
}

/** Answers calls: the daemon's own ones itself, all others through the handler; counts and logs them. */
class Desk {
  readonly #log: CommandLog;
  readonly #metrics = new Metrics();
  readonly #started = process.hrtime.bigint();
  readonly #rest: Rest;
  readonly #commands = { done: 0, failed: 0, running: 0 };
  #answered: () => void = () => undefined;

  constructor(
    readonly handler: Handler,
    readonly options: DaemonOptions,
  ) {
    this.#log = new CommandLog(options.logDirectory);
    this.#rest = new Rest(async () => {
      await collect();
      options.trimMemory?.();
    });
  }

  /** Settles with the first command's end, but after so many milliseconds at the latest. */
  firstAnswer(most: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, most);
      this.#answered = () => {
        this.#answered = () => undefined;
        // Let the reply go out first.
        setImmediate(resolve);
      };
    });
  }

  /** See {@link BatchAnswers.answer}. */
  answer(invocation: Invocation, told: (result: CommandResult) => void): void {
    const [command] = invocation.arguments;
    if (command === statusCommand) void this.#status().then(told);
    else if (command === metricsCommand) void this.#figures().then(told);
    else this.#answerByHandler(invocation, told);
  }

  #answerByHandler(invocation: Invocation, told: (result: CommandResult) => void): void {
    const before = sinceStart(invocation.environment[startedVariable]);
    const begin = performance.now();
    this.#begin(1);
    this.handler.begin(invocation, (outcome) => {
      const result = 'error' in outcome ? failure(outcome.error) : outcome.result;
      this.#end(1);
      if (before !== undefined) result.trace?.add('client', before);
      const milliseconds = performance.now() - begin;
      this.#note(invocation, result, milliseconds);
      told(traced(invocation, result, milliseconds + (before ?? 0)));
    });
  }

  async answerTogether(
    invocations: readonly Invocation[],
    nameOf: (index: number) => string,
  ): Promise<readonly CommandResult[]> {
    const begin = performance.now();
    this.#begin(invocations.length);
    let results: readonly CommandResult[];
    try {
      if (this.handler.together === undefined) throw new Error('this daemon knows no batch that is all or nothing');
      const outcomes = await this.handler.together(invocations, nameOf);
      results = outcomes.map((outcome) => ('result' in outcome ? outcome.result : failure(outcome.error)));
    } catch (error) {
      results = invocations.map(() => failure(error));
    }
    this.#end(invocations.length);
    for (const [index, result] of results.entries()) {
      const invocation = invocations[index];
      if (invocation !== undefined) this.#note(invocation, result, performance.now() - begin);
    }
    return results;
  }

  #begin(count: number): void {
    this.#commands.running += count;
    this.#rest.end(count);
  }

  #end(count: number): void {
    this.#commands.running -= count;
    this.#answered();
    if (this.#commands.running === 0) this.#rest.begin();
  }

  #note(invocation: Invocation, result: CommandResult, milliseconds: number): void {
    this.#commands.done++;
    if (result.exitCode !== 0) this.#commands.failed++;
    this.#log.record(invocation, result, milliseconds);
    const [command = ''] = invocation.arguments;
    this.#metrics.observe({ command, isDone: result.exitCode === 0, milliseconds, trace: result.trace });
  }

  /** After the last answer. */
  async close(): Promise<void> {
    await this.#log.flush();
    await this.handler.close?.();
  }

  async #figures(): Promise<CommandResult> {
    try {
      const services = this.handler.services?.() ?? [];
      const servedNetworks = this.handler.servedNetworks?.() ?? 0;
      return { exitCode: 0, stdout: await this.#metrics.text({ services, servedNetworks }), stderr: '' };
    } catch (error) {
      return failure(error);
    }
  }

  async #status(): Promise<CommandResult> {
    try {
      const status: DaemonStatus = {
        version: this.options.version,
        pid: process.pid,
        uptime: Number((process.hrtime.bigint() - this.#started) / 1_000_000n) / 1000,
        commands: { ...this.#commands },
        services: this.handler.services?.() ?? [],
        servedNetworks: this.handler.servedNetworks?.() ?? 0,
        capabilities: (await this.options.capabilities?.()) ?? {},
      };
      return { exitCode: 0, stdout: `${JSON.stringify(status)}\n`, stderr: '' };
    } catch (error) {
      return failure(error);
    }
  }
}
