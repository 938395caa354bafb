import { daemonPid } from '../daemon.js';
import type { Run } from '../schedule.js';
import type { Side } from './side.js';

/** Of /proc/PID/stat. */
const ticksPerSecond = 100;

/**
 * What some calls took of the processors: the programs, all that they waited for, and the daemon. What the kernel does afterwards on its
 * own account is not among it.
 */
export async function processorTime(
  side: Side,
  work: () => Promise<Run[]>,
): Promise<{ readonly runs: Run[]; readonly seconds: number }> {
  const before = await daemonSeconds(side);
  const runs = await work();
  const programs = runs.reduce((sum, { processor }) => sum + processor, 0) / 1e9;
  return { runs, seconds: programs + (await daemonSeconds(side)) - before };
}

/** Processor time that the daemon has taken since its start. */
export async function daemonSeconds(side: Side): Promise<number> {
  if (side.name === 'shell') return 0;
  const stat = await side.host.self.output('cat', `/proc/${await daemonPid(side.host)}/stat`);
  // The name in parentheses may contain spaces; user and system time are the 14th and 15th field.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / ticksPerSecond;
}
