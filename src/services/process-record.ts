/** Which process serves a network, in a file beside the program's own: number, start time, and the configuration it was started with. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryName } from '../state/temporary-name.js';
import type { ProcessIdentity } from './process.js';

export interface ProcessRecord extends ProcessIdentity {
  /** Digest of the configuration file, hexadecimal; undefined when somebody else has started the process. */
  readonly configuration: string | undefined;
}

/** Undefined when there is no record, or a damaged one. */
export function readRecord(path: string): ProcessRecord | undefined {
  const [, pid, startTime, configuration] = /^(\d{1,10}) (\d{1,20})(?: ([0-9a-f]+))?\n$/.exec(textOf(path)) ?? [];
  return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime, configuration };
}

/** Atomic, but not durable: after a restart of the host there is no such process any more. */
export function writeRecord(path: string, { pid, startTime, configuration }: ProcessRecord): void {
  const temporary = `${dirname(path)}/${temporaryName()}`;
  const words = [pid, startTime, ...(configuration === undefined ? [] : [configuration])];
  writeFileSync(temporary, `${words.join(' ')}\n`, { mode: 0o600, flag: 'wx' });
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
