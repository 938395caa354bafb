/** Processes that are not our children any more: known by number and start time, never by number alone, and never by name. */

import { readFileSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** A process for as long as it lives: its number may be another's afterwards, its start time will not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the host's start: field 22 of /proc/<pid>/stat (proc(5)). */
  readonly startTime: string;
}

/** What a network namespace is known by. */
export interface NamespaceInode {
  readonly device: number;
  readonly inode: number;
}

/** The living process of that number; undefined when there is none, or only what is left of one (a zombie). */
export function processOf(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name, field 2, is in parentheses and may hold anything, also spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = ''] = fields;
  const startTime = fields[19];
  return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return processOf(pid)?.startTime === startTime;
}

/** The arguments a process was started with, its program first; empty when it is gone. */
export function argumentsOf({ pid }: ProcessIdentity): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** The network namespace a process is in; undefined when it is gone, or may not be looked at. */
export function namespaceOf({ pid }: ProcessIdentity): NamespaceInode | undefined {
  try {
    const stats = statSync(`/proc/${pid}/ns/net`, { throwIfNoEntry: false });
    return stats === undefined ? undefined : { device: stats.dev, inode: stats.ino };
  } catch (error) {
    // It ended while it was looked at, or is none of those that we may look at, in a container: then it is not in a namespace of ours.
    if (['ESRCH', 'EACCES'].includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
}

/** Whether a process is in a namespace; not in one that is not there. */
export function isIn(process_: ProcessIdentity, namespace: NamespaceInode | undefined): boolean {
  const own = namespaceOf(process_);
  return own !== undefined && own.inode === namespace?.inode && own.device === namespace.device;
}

/** Sends a signal; a process that is gone is none. */
export function signal(process_: ProcessIdentity, name: 'SIGHUP' | 'SIGTERM' | 'SIGKILL'): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** How long a process may take to end when it is asked to, in milliseconds. */
const patience = 2_000;

/**
 * Waits for a process that is ending: it loses its arguments first and its sockets a moment later, and who takes its place needs the same
 * ones. Returns at once when there is none, or when it is not ending.
 */
export async function hasEnded(process_: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + patience;
  while (isAlive(process_) && argumentsOf(process_).length === 0 && performance.now() < deadline) await setTimeout(1);
}

/** Ends a process; returns when it is gone. */
export async function end(process_: ProcessIdentity): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    signal(process_, name);
    const deadline = performance.now() + patience;
    while (isAlive(process_)) {
      if (performance.now() > deadline) break;
      await setTimeout(1);
    }
    if (!isAlive(process_)) return;
  }
  throw new Error(`process ${process_.pid} does not end`);
}
