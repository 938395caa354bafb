import { realpathSync } from 'node:fs';
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
  // To a file or a pipe, which is written at once; what the caller does not read any more is not missed.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (stdout.length > 0) process.stdout.write(stdout);
  if (stderr.length > 0) process.stderr.write(stderr);
  process.exitCode = exitCode;
});
