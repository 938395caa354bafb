import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { errorCode } from './state-error.js';

/** Longest value file that makes sense; anything longer is not ours. */
const longest = 4096;

const buffer = Buffer.alloc(longest + 1);

// Symbolic links are not followed, and a FIFO somebody put there does not block the daemon.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The text of a small file. Synchronous: three system calls take about 5 µs, a trip through libuv's pool 40 µs (measured with 100,000 files:
 * 0.5 s against 4.3 s).
 *
 * @returns undefined when there is no such file, null when it is damaged (a link, no regular file, longer than 4 KiB).
 */
export function readSmallFile(path: string): string | null | undefined {
  return withFile(path, (descriptor) => {
    const length = readSync(descriptor, buffer, 0, buffer.length, null);
    return length > longest ? null : buffer.toString('utf8', 0, length);
  });
}

/** The text of a file of any size, otherwise as {@link readSmallFile}. */
export function readFile(path: string): string | null | undefined {
  return withFile(path, (descriptor) => (fstatSync(descriptor).isFile() ? readFileSync(descriptor, 'utf8') : null));
}

function withFile(path: string, read: (descriptor: number) => string | null): string | null | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, flags);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'ENXIO') return null;
    throw error;
  }
  try {
    return read(descriptor);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EISDIR' || code === 'EAGAIN' || code === 'EINVAL') return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The single line of a value file, without its end; null when there is more than one. */
export function singleLine(text: string): string | null {
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
  return line.includes('\n') ? null : line;
}
