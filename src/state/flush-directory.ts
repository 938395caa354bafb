import { closeSync, constants, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const flush = promisify(fsync);

/** Has on disk which names are in a directory. */
export async function flushDirectory(path: string): Promise<void> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
