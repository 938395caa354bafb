import { setTimeout } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { ConnectionFailure } from './failure.js';
import { type ProgramResult, runProgram } from './run-program.js';
import { SharedConnection } from './shared-connection.js';
import { sessionWords } from './ssh-words.js';

/** ssh's exit code for its own failures. */
const failed = 255;
/** More than this many calls at once wait for each other even where sshd allows one session per connection. */
const mostConnections = 64;
const firstPause = 50;
const longestPause = 800;

export interface Session {
  readonly command: string;
  readonly input?: readonly Uint8Array[];
  /** Whether the command was begun, by what it has printed: then it is not repeated. */
  readonly isBegun: (stdout: Buffer) => boolean;
  /** Milliseconds after which the answer is not waited for any more; undefined: for ever. */
  readonly deadline?: number | undefined;
}

/**
 * Runs a command on a host through a shared connection, which is made if there is none: the first one that has room for another session. What was
 * not begun is tried again for as long as a host may be silent; a command that was begun is not.
 *
 * @throws ConnectionFailure
 */
export async function runOnHost(
  directory: string,
  connection: Connection,
  host: string,
  session: Session,
): Promise<ProgramResult> {
  const deadline = performance.now() + connection.patience * 1_000;
  for (let delay = firstPause; ; delay = Math.min(longestPause, delay * 2)) {
    try {
      const result = await tryConnections(directory, connection, host, session, deadline);
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof ConnectionFailure) || !error.isPassing || performance.now() + delay > deadline)
        throw error;
    }
    if (performance.now() + delay > deadline)
      throw new ConnectionFailure(`ssh ${host}: no room for another session within ${connection.patience} s`);
    // Many calls that were turned away together are not to come back together.
    await setTimeout(delay * (0.5 + Math.random()));
  }
}

/** @returns undefined when none of the connections has room */
async function tryConnections(
  directory: string,
  connection: Connection,
  host: string,
  session: Session,
  deadline: number,
): Promise<ProgramResult | undefined> {
  for (let number = 0; number < mostConnections; number++) {
    const shared = new SharedConnection(directory, connection, host, number);
    if (!shared.isThere) await shared.make(deadline);
    let result = await runIn(shared, session);
    if (result === undefined && !(await shared.isAlive())) {
      await shared.make(deadline);
      result = await runIn(shared, session);
    }
    if (result !== undefined) return result;
  }
  return undefined;
}

/** @returns undefined when the connection did not take the session */
async function runIn(shared: SharedConnection, session: Session): Promise<ProgramResult | undefined> {
  const { host, control, connection } = shared;
  const input = session.input === undefined ? {} : { input: session.input };
  const result = await runProgram(sessionWords(host, control, session.command), {
    ...input,
    deadline: session.deadline,
  });
  if (result.isLate) {
    if (!session.isBegun(result.stdout)) await shared.end();
    throw new ConnectionFailure(`ssh ${host}: no answer within ${((session.deadline ?? 0) / 1_000).toFixed(0)} s`);
  }
  if (result.exit !== failed && result.exit !== undefined) return result;
  if (!session.isBegun(result.stdout)) return undefined;
  throw new ConnectionFailure(
    `ssh ${host}: the connection was lost while the command was at work (a host that is silent for ${connection.patience} s counts as gone)`,
  );
}
