/**
 * Which process serves a network, in a file beside the program's own: number, start time, and the configuration it was started with. Lines
 * below are about those that served before and are still busy with old connections.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryName } from '../state/temporary-name.js';
import type { ProcessIdentity } from './process.js';

export interface ProcessRecord extends ProcessIdentity {
  /** Digest of the configuration file, hexadecimal; undefined when somebody else has started the process. */
  readonly configuration: string | undefined;
  /** Processes it has taken over from, which end by themselves. */
  readonly former: readonly ProcessIdentity[];
}

/** Undefined when there is no record, or a damaged one. */
export function readRecord(path: string): ProcessRecord | undefined {
  const [, pid, startTime, configuration, others] =
    /^(\d{1,10}) (\d{1,20})(?: ([0-9a-f]+))?\n((?:former \d{1,10} \d{1,20}\n)*)$/.exec(textOf(path)) ?? [];
  if (pid === undefined || startTime === undefined) return undefined;
  const former = [...(others ?? '').matchAll(/^former (\d+) (\d+)$/gm)].map(
    ([, number, since = '']): ProcessIdentity => ({ pid: Number(number), startTime: since }),
  );
  return { pid: Number(pid), startTime, configuration, former };
}

/** Atomic, but not durable: after a restart of the host there is no such process any more. */
export function writeRecord(path: string, { pid, startTime, configuration, former }: ProcessRecord): void {
  const temporary = `${dirname(path)}/${temporaryName()}`;
  const words = [pid, startTime, ...(configuration === undefined ? [] : [configuration])];
  const lines = [words.join(' '), ...former.map((one) => `former ${one.pid} ${one.startTime}`)];
  writeFileSync(temporary, lines.map((line) => `${line}\n`).join(''), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}

export function removeRecord(path: string): void {
  rmSync(path, { force: true });
}

/** The number in a pid file as programs write it. */
export function readPidFile(path: string): number | undefined {
  const text = textOf(path).trim();
  return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
