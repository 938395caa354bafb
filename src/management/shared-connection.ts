import { hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Connection } from './connection.js';
import { ConnectionFailure } from './failure.js';
import { cleanedUpOnSignal } from './on-signal.js';
import { directorySalt, removeSecrets, writeSecret } from './private-directory.js';
import { endPrograms, runProgram, startProgram } from './run-program.js';
import { connectWords, endWords } from './ssh-words.js';

/** Further connections, made when many calls come at once, are kept for so many seconds at most. */
const furtherPersistence = 60;
/** flock's exit code when somebody else holds the lock. */
const isLocked = 75;

/**
 * Run while the lock of the connection is held: it may have been made by another in the meantime; the socket of one that has died would be
 * in the way of a new one.
 */
const connectScript =
  'control=$1; shift; ssh -F none -O check -o ControlPath="$control" -o LogLevel=QUIET -- connection && exit; rm -f -- "$control"; exec "$@"';

/**
 * One of the shared connections to a host: an ssh in the background that others use through its socket. A host lets only so many of them in at once
 * (sshd's MaxSessions, 10 if not set), so there may be several, numbered from 0.
 */
export class SharedConnection {
  readonly control: string;

  constructor(
    readonly pool: ConnectionPool,
    readonly number: number,
  ) {
    this.control = join(pool.directory, `${pool.name}-${number}`);
  }

  /** Whether a process listens on its socket. */
  isAlive(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.control);
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
  }

  /** Gives up a connection whose host does not answer: what comes next is not to wait for it again. */
  end(): void {
    runProgram(endWords(this.pool.host, this.control), [], 1_000);
    rmSync(this.control, { force: true });
  }

  /**
   * Makes it.
   *
   * @returns false when another process is at it
   * @throws ConnectionFailure
   */
  make(milliseconds: number): Promise<boolean> {
    const cleanUp = () => {
      endPrograms();
      removeSecrets();
    };
    return cleanedUpOnSignal(cleanUp, () => this.#make(milliseconds));
  }

  async #make(milliseconds: number): Promise<boolean> {
    const { connection, host } = this.pool;
    const keyFile = connection.key === undefined ? undefined : writeSecret(this.pool.directory, connection.key);
    const persistence =
      this.number === 0 ? connection.persistence : Math.min(connection.persistence, furtherPersistence);
    const words = connectWords(connection, host, this.control, persistence, keyFile);
    const lock = ['flock', '--nonblock', '--close', '--conflict-exit-code', String(isLocked), `${this.control}.lock`];
    const said = `${this.control}.${process.pid}.said`;
    const output = openSync(said, 'w', 0o600);
    try {
      const secret =
        keyFile === undefined && connection.password !== undefined ? `${connection.password}\n` : undefined;
      const argv = [...lock, 'sh', '-c', connectScript, 'cs-extnet', this.control, ...words];
      const { exit, isLate } = await startProgram(argv, { secret, output, deadline: milliseconds });
      if (exit === 0) return true;
      if (exit === isLocked) return false;
      throw this.#failure(isLate, exit, readFileSync(said, 'utf8'));
    } finally {
      closeSync(output);
      rmSync(said, { force: true });
      removeSecrets();
    }
  }

  #failure(isLate: boolean, exit: number | undefined, said: string): ConnectionFailure {
    if (isLate)
      return new ConnectionFailure(`${this.#name()}: no connection within ${this.pool.connection.patience} s`);
    // sshd closes connections that are too many (MaxStartups); one that is being started anew refuses them for a moment.
    const isBusy = /connection (?:reset|closed)|closed by remote host|banner exchange/i.test(said);
    const share = isBusy ? 0.5 : /connection refused/i.test(said) ? 0.2 : 0;
    const usesPassword = this.pool.connection.key === undefined && this.pool.connection.password !== undefined;
    const lines = said.split(/\r?\n/).filter((line) => line.trim() !== '');
    const reason =
      exit === 127 && usesPassword
        ? 'sshpass is not installed, and the extension has a password but no sshkey'
        : exit === 5 && usesPassword
          ? 'the password is wrong'
          : (lines.at(-1) ?? `ssh ended with exit code ${exit}`);
    return new ConnectionFailure(`${this.#name()}: ${reason}`, share * this.pool.connection.patience * 1_000);
  }

  #name(): string {
    const { user, port } = this.pool.connection;
    return `ssh ${user}@${this.pool.host} port ${port}`;
  }
}

/** The shared connections to one host, all logged in to it in the same way. */
export class ConnectionPool {
  /**
   * What their sockets' names begin with. Calls that log in differently share nothing; made with a secret, because everybody sees it among
   * ssh's arguments.
   */
  readonly name: string;

  constructor(
    readonly directory: string,
    readonly connection: Connection,
    readonly host: string,
  ) {
    const text = JSON.stringify([host, connection]);
    this.name = hash('sha256', Buffer.concat([directorySalt(directory), Buffer.from(text)])).slice(0, 20);
  }

  /** Those there are, by their numbers; some may have died. */
  present(): SharedConnection[] {
    const prefix = `${this.name}-`;
    return readdirSync(this.directory)
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((one, other) => one - other)
      .map((number) => new SharedConnection(this, number));
  }

  /** One that is not there yet. */
  next(present: readonly SharedConnection[]): SharedConnection {
    const taken = new Set(present.map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number++;
    return new SharedConnection(this, number);
  }
}
