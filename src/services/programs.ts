/** Finding and starting programs of the host. */

import { accessSync, constants } from 'node:fs';
import { ServiceError } from './service-error.js';

/** A program, and the Debian package it comes from. */
export interface Program {
  readonly name: string;
  readonly package: string;
}

export const directories = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'] as const;

/** How long a program may take to check its configuration, or to go into the background, in milliseconds. */
const patience = 20_000;

/** Longest message of a program that is shown, in characters. */
const longestMessage = 300;

/**
 * The absolute path of a program.
 *
 * @throws ServiceError naming the package when it is not installed
 */
export function find({ name, package: packageName }: Program): string {
  for (const directory of directories) {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return `${directory}/${name}`;
    } catch {
      // It may be in the next.
    }
  }
  throw new ServiceError(`${name} is not installed on this host; expected the Debian package ${packageName}`);
}

/**
 * Runs a program until its first process ends: that of a program which goes into the background ends as soon as it serves, or says why it
 * cannot. It gets none of our descriptors but a pipe for that message: CloudStack's ssh would wait for them.
 *
 * @param namespace name of the network namespace; undefined for the host's own
 * @throws ServiceError with what the program said
 */
export async function run(program: Program, parameters: readonly string[], namespace?: string): Promise<void> {
  const path = find(program);
  // nsenter is in util-linux, which Debian always has. Measured: it adds 0.8 ms, where a start of dnsmasq takes 10.
  // To enter the namespace on Node's main thread for the fork instead would put all of the daemon there if the way back failed.
  const [file, ...words] =
    namespace === undefined
      ? [path, ...parameters]
      : [find({ name: 'nsenter', package: 'util-linux' }), `--net=/run/netns/${namespace}`, '--', path, ...parameters];
  // The library takes as long to load as all of ours: the daemon's first answer does not wait for it.
  const { execa } = await import('execa');
  const result = await execa(file ?? path, words, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    detached: true,
    env: { PATH: directories.join(':') },
    extendEnv: false,
    cwd: '/',
    reject: false,
    timeout: patience,
    cleanup: false,
    maxBuffer: 100_000,
  });
  if (result.exitCode === 0) return;
  const how = result.timedOut
    ? `did not answer within ${patience / 1000} s`
    : result.exitCode === undefined
      ? `could not be run (${result.signal ?? result.code ?? 'unknown reason'})`
      : `ended with exit code ${result.exitCode}`;
  const message = complaintIn(result.stderr, program);
  throw new ServiceError(`${program.name} ${how}${message === '' ? '' : `: ${message.slice(0, longestMessage)}`}`);
}

/** The line that says what is wrong: haproxy's begin with their weight and its process number, dnsmasq's with its name. */
function complaintIn(stderr: string, { name }: Program): string {
  const lines = stderr.trim().split('\n');
  const said = lines.find((line) => line.startsWith('[ALERT]')) ?? lines[0] ?? '';
  return said.replace(/^\[ALERT\]\s*\(\d+\) : /, '').replace(new RegExp(`^${name}: `), '');
}
