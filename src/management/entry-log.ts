import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Holds one directory per extension; `install --management` makes it for the management server's user. */
export const logDirectory = '/var/log/cloudstack/extensions';
/** Where the shell program writes, for whoever may not write there. */
export const fallbackDirectory = '/tmp/cloudstack-extensions';

/**
 * Appends to an extension's log, where operators look for it. Nothing is said when that is not possible: whatever is printed here would
 * be taken for the command's answer.
 */
export function writeLog(
  extension: string,
  lines: string,
  directories = { usual: logDirectory, fallback: fallbackDirectory },
): void {
  const options = { mode: 0o640 };
  try {
    appendFileSync(join(directories.usual, extension, `${extension}.log`), lines, options);
    return;
  } catch {
    // Not installed by `install --management`, or for another user.
  }
  try {
    mkdirSync(directories.fallback, { recursive: true, mode: 0o700 });
    appendFileSync(join(directories.fallback, `${extension}.log`), lines, options);
  } catch {
    // A full disk must not stop the network.
  }
}
