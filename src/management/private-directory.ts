import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationFailure } from './failure.js';

/** Connections' sockets and locks of one user; what else lies here does so for the moment a connection is made. */
const place = () => join(tmpdir(), `.cs-extnet-${process.getuid?.() ?? 0}`);

/** A unix socket's path has at most 107 bytes, of which the socket's name and what ssh appends to it for a moment take 42. */
const longestPath = 65;

/** Milliseconds after which a key of a process that was killed is taken away. */
const leftOver = 120_000;

/**
 * The directory of this user that nobody else can enter, made at its first use.
 *
 * @throws ConfigurationFailure when somebody else has put something in its place
 */
export function privateDirectory(path: string = place()): string {
  if (Buffer.byteLength(path) > longestPath)
    throw new ConfigurationFailure(
      `${path}: too long for the sockets in it: set TMPDIR to a directory with a shorter path`,
    );
  const stats = lstatSync(path, { throwIfNoEntry: false }) ?? madeDirectory(path);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.())
    throw new ConfigurationFailure(
      `${path}: belongs to somebody else: expected a directory of this program's user; remove it`,
    );
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return path;
}

function madeDirectory(path: string): Stats {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another call has been faster.
    if ((error as { code?: string }).code !== 'EEXIST')
      throw new ConfigurationFailure(`${path}: cannot be made: ${(error as Error).message}`);
  }
  return lstatSync(path);
}

/** A random text that stays the same as long as the directory does: names made with it tell nothing about what they are made of. */
export function directorySalt(directory: string): Buffer {
  const path = join(directory, 'salt');
  try {
    return readFileSync(path);
  } catch {
    // The first one; written beside its place, so that nobody reads half of it, and linked, so that it is never replaced.
    const temporary = join(directory, `salt-${process.pid}`);
    writeFileSync(temporary, randomBytes(32), { mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
    return readFileSync(path);
  }
}

const written = new Set<string>();

/** Writes a secret for the moment it is needed; `removeSecrets` takes it away also when the process is ended. */
export function writeSecret(directory: string, content: string): string {
  removeLeftOvers(directory);
  const path = join(directory, `key-${process.pid}-${randomBytes(6).toString('hex')}`);
  written.add(path);
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  return path;
}

export function removeSecrets(): void {
  for (const path of written) rmSync(path, { force: true });
  written.clear();
}

/** A process that is killed leaves its key behind. */
function removeLeftOvers(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (!name.startsWith('key-')) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && Date.now() - stats.mtimeMs > leftOver) rmSync(path, { force: true });
  }
}
