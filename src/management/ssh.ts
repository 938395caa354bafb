import { setTimeout } from 'node:timers/promises';
import { now } from './clock.js';
import type { Connection } from './connection.js';
import { ConnectionFailure } from './failure.js';
import { type ProgramResult, runProgram } from './run-program.js';
import { ConnectionPool, type SharedConnection } from './shared-connection.js';
import { sessionWords } from './ssh-words.js';

/** ssh's exit code for its own failures. */
const failed = 255;
/** That many calls can be at work on a host at once even where sshd allows one session per connection. */
const mostConnections = 64;
/** Most calls take a few milliseconds, so room is waited for before a further connection is made. */
const roundsBeforeFurther = 2;
/** Milliseconds for which room for a session is waited for when the caller does not say how long it waits. */
const usualWait = 60_000;
const firstPause = 10;
const longestPause = 400;

export interface Session {
  readonly command: string;
  readonly input?: readonly Uint8Array[];
  /** Whether the command was begun, by what it has printed: then it is not repeated. */
  readonly isBegun: (stdout: Buffer) => boolean;
  /** Milliseconds after which the answer is not waited for any more; undefined: for ever. */
  readonly deadline?: number | undefined;
}

/**
 * Runs a command on a host through one of the shared connections to it: the first that has room for another session. If there is none one is made, and a
 * further one when none has room for a while. A command that was begun is never repeated.
 *
 * @throws ConnectionFailure
 */
export async function runOnHost(
  directory: string,
  connection: Connection,
  host: string,
  session: Session,
): Promise<ProgramResult> {
  const pool = new ConnectionPool(directory, connection, host);
  const begin = now();
  const patience = connection.patience * 1_000;
  for (let round = 0; ; round++) {
    const present = pool.present();
    const dead: SharedConnection[] = [];
    for (const shared of round === 0 ? present : shuffled(present)) {
      const result = await runIn(shared, session);
      if (result === 'dead') dead.push(shared);
      else if (result !== 'full') return result;
    }
    const living = present.length - dead.length;
    if (living === 0 || (round >= roundsBeforeFurther && living < mostConnections)) {
      const fresh = dead[0] ?? pool.next(present);
      if (await make(fresh, patience, begin, living > 0)) {
        const result = await runIn(fresh, session);
        if (typeof result !== 'string') return result;
      }
    }
    const waited = now() - begin;
    if (living === 0 && waited > patience)
      throw new ConnectionFailure(`ssh ${host}: no connection within ${connection.patience} s`);
    if (waited > (session.deadline ?? usualWait))
      throw new ConnectionFailure(`ssh ${host}: no room for another session within ${(waited / 1_000).toFixed(0)} s`);
    // Calls that were turned away together are not to come back together.
    await setTimeout(Math.min(longestPause, firstPause * 2 ** Math.min(round, 8)) * (0.5 + Math.random()));
  }
}

/**
 * @param hasOthers there is another connection, in which there may be room soon
 * @returns false when another process is making it, or the host is too busy at the moment
 */
async function make(shared: SharedConnection, patience: number, begin: number, hasOthers: boolean): Promise<boolean> {
  try {
    return await shared.make(patience);
  } catch (error) {
    const passes = error instanceof ConnectionFailure && error.passesWithin > 0;
    if (passes && (hasOthers || now() - begin < error.passesWithin)) return false;
    throw error;
  }
}

/** @returns why the connection did not take the session: it has no room for it, or the process behind it has died */
async function runIn(shared: SharedConnection, session: Session): Promise<ProgramResult | 'full' | 'dead'> {
  const { control } = shared;
  const { host, connection } = shared.pool;
  const begin = now();
  const words = sessionWords(host, control, session.command);
  const result = runProgram(words, session.input ?? [], session.deadline);
  const isBegun = session.isBegun(result.stdout);
  if (result.isLate) {
    if (!isBegun) shared.end();
    throw new ConnectionFailure(`ssh ${host}: no answer within ${((session.deadline ?? 0) / 1_000).toFixed(0)} s`);
  }
  if (result.exit !== failed && result.exit !== undefined) return result;
  const silence = `a host that is silent for ${connection.patience} s counts as gone`;
  const isAlive = await shared.isAlive();
  // The connection is there: what ended with this code, or was killed, is the command.
  if (isBegun && isAlive && result.exit === failed) return result;
  if (isBegun)
    throw new ConnectionFailure(`ssh ${host}: the connection was lost while the command was at work (${silence})`);
  if (isAlive) return 'full';
  if (now() - begin > connection.patience * 800)
    throw new ConnectionFailure(`ssh ${host}: the connection was lost before the command was begun (${silence})`);
  return 'dead';
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}
