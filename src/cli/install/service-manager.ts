import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { NoDaemonError } from '../../daemon/connect.js';
import { processOf } from '../../services/process.js';
import { readStatus } from '../run-status.js';
import { serviceUnit, socketUnit } from './units.js';

const run = promisify(execFile);

/** True when systemd is the init system of this host (sd_booted(3)). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

/** Makes systemd hold the socket and run the daemon, now and after every boot; `restart` when an older one may be running. */
export async function enableUnits(restart: boolean): Promise<void> {
  await systemctl('daemon-reload');
  await systemctl('enable', socketUnit, serviceUnit);
  await systemctl(restart ? 'restart' : 'start', socketUnit, serviceUnit);
}

export async function disableUnits(): Promise<void> {
  await systemctl('disable', '--now', socketUnit, serviceUnit);
}

export async function reloadUnits(): Promise<void> {
  await systemctl('daemon-reload');
}

/** Ends a running daemon, which finishes its work first. Returns its pid, or undefined when there is none. */
export async function stopDaemon(socketPath: string): Promise<number | undefined> {
  if (!existsSync(socketPath)) return undefined;
  let pid: number;
  try {
    ({ pid } = await readStatus(socketPath));
  } catch (error) {
    if (error instanceof NoDaemonError) return undefined;
    throw error;
  }
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + 60_000;
  while (processOf(pid) !== undefined) {
    if (performance.now() > deadline)
      throw new Error(`the running daemon (pid ${pid}) does not end: it is still at work`);
    await sleep(10);
  }
  return pid;
}

async function systemctl(...words: string[]): Promise<void> {
  try {
    await run('systemctl', words);
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`systemctl ${words.join(' ')} failed: ${text}`);
  }
}
