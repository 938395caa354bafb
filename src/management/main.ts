import { realpathSync, writeSync } from 'node:fs';
import { version } from '../cli/version.js';
import { runEntry } from './entry.js';
import { writeLog } from './entry-log.js';

const argv = process.argv.slice(2);
const environment = { program: realpathSync(process.argv[1] ?? ''), variables: process.env, writeLog };
const running =
  argv[0] === '--version'
    ? Promise.resolve({ exitCode: 0, stdout: Buffer.from(`cloudstack-netns ${version}\n`), stderr: Buffer.alloc(0) })
    : runEntry(argv, environment);
void running.then(({ exitCode, stdout, stderr }) => {
  write(1, stdout);
  write(2, stderr);
  process.exit(exitCode);
});

/** Without Node's streams, which would take a millisecond to be made. What the caller does not read any more is not missed. */
function write(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      // A caller's pipe that does not block and is full.
      if ((error as { code?: string }).code !== 'EAGAIN') return;
    }
  }
}
