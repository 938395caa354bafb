import {
  chmodSync,
  type FSWatcher,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  unlinkSync,
  watch,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';

/** A server that listens, and how to take its socket back. */
export interface Place {
  /** Settles when the socket's name no longer leads here: somebody removed or replaced it, and no client finds us any more. */
  readonly lost: Promise<void>;
  /** Removes the name (ours only, never a successor's). Clients then find no daemon instead of one that does not answer. */
  release(): void;
}

/** The daemon cannot have its socket. */
export class PlaceTakenError extends Error {
  override readonly name = 'PlaceTakenError';
}

/**
 * The descriptor of a listening socket that systemd passed to this very process, if it did (sd_listen_fds(3)). The variables
 * are removed: children must not take them for theirs.
 */
export function activatedDescriptor(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const { LISTEN_PID, LISTEN_FDS } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  if (LISTEN_PID !== String(process.pid) || LISTEN_FDS === undefined) return undefined;
  if (LISTEN_FDS !== '1') throw new PlaceTakenError(`systemd passed ${LISTEN_FDS} sockets, expected one`);
  return 3;
}

/** Listens on the socket systemd holds. It stays systemd's: it is neither watched nor removed. */
export async function listenOnDescriptor(server: Server, descriptor: number): Promise<Place> {
  await listening(server, { fd: descriptor });
  return { lost: new Promise(() => undefined), release: () => undefined };
}

/**
 * Listens on `path`, readable and writable by the owner only from the first moment it can be seen.
 *
 * The socket is bound under another name and linked to its own when it listens: link(2) fails when the name exists, so of
 * two daemons starting at once one fails, and a client never meets a socket that does not listen yet. A name left by a dead
 * daemon is moved away first.
 *
 * @throws PlaceTakenError when a living daemon has it
 */
export async function listenOnPath(server: Server, path: string): Promise<Place> {
  const directory = dirname(path);
  makePrivateDirectory(directory);
  const ownName = join(directory, `.${process.pid}`);
  removeIfThere(ownName);
  await listening(server, { path: ownName, backlog: 1024 });
  try {
    chmodSync(ownName, 0o600);
    await linkInPlace(ownName, path);
  } finally {
    removeIfThere(ownName);
  }
  return watchedPlace(directory, path);
}

/** True when a daemon answers on `path`. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK') resolve(false);
      // A full backlog: nobody listens any faster than a living daemon.
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });
}

function listening(server: Server, where: { fd: number } | { path: string; backlog: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.()) {
    throw new PlaceTakenError(`${directory} belongs to user ${uid}, expected user ${process.getuid?.()}`);
  }
  if (!lstatSync(directory).isDirectory()) throw new PlaceTakenError(`${directory} is not a directory`);
  if ((mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
}

async function linkInPlace(ownName: string, path: string): Promise<void> {
  const attempts = 5;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      linkSync(ownName, path);
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (await isAlive(path)) throw new PlaceTakenError(`another daemon answers on ${path}`);
    await moveAway(path, `${ownName}.stale`);
  }
  throw new PlaceTakenError(`other daemons keep taking ${path}`);
}

/** Removes a dead socket; puts it back if a daemon turns out to be behind it, which took the place since it was asked. */
async function moveAway(path: string, elsewhere: string): Promise<void> {
  try {
    renameSync(path, elsewhere);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (!(await isAlive(elsewhere))) return;
    linkSync(elsewhere, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    removeIfThere(elsewhere);
  }
}

function watchedPlace(directory: string, path: string): Place {
  const own = statSync(path);
  const isOurs = () => {
    const now = statSync(path, { throwIfNoEntry: false });
    return now?.ino === own.ino && now.dev === own.dev;
  };
  let watcher: FSWatcher | undefined;
  const lost = new Promise<void>((resolve) => {
    const check = () => {
      // A starting daemon may move the name away for a moment (moveAway), so look twice.
      if (isOurs()) return;
      setTimeout(() => {
        if (!isOurs()) resolve();
      }, 200).unref();
    };
    try {
      watcher = watch(directory, { persistent: false }, check);
      watcher.on('error', () => undefined);
    } catch {
      // No inotify watch to be had: we only lose the early notice.
    }
  });
  return {
    lost,
    release: () => {
      watcher?.close();
      if (isOurs()) removeIfThere(path);
    },
  };
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
