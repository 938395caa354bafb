import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runtimeNames } from './layout.js';
import { placeBytes } from './place-file.js';

/** Bytes; it has about a million. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Puts V8's code cache of the program in place, by which it starts 30 ms sooner. It is made by the very Node.js that will use it; what another one, or
 * one of another program, has left there is not used (src/cli/start.ts).
 *
 * @param directory where the runtime is in place
 * @param say told why there is none, should it fail: the program runs without it
 */
export async function placeCodeCache(directory: string, say: (line: string) => void): Promise<void> {
  const path = (name: string) => join(directory, name);
  try {
    const { stdout } = await promisify(execFile)(path(runtimeNames.node), [path(runtimeNames.script), '--code-cache'], {
      encoding: 'buffer',
      maxBuffer: mostBytes,
    });
    await placeBytes(stdout, path(runtimeNames.codeCache), 0o644);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    say(`${path(runtimeNames.codeCache)} could not be made, so the daemon starts 30 ms later: ${reason}`);
  }
}
