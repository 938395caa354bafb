import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { projectRoot } from '../../test/host/project-root.js';

/** Where and with what numbers were taken: they say little without. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the package, and the commit it was built from; `+` when the working tree differs from it. */
  readonly version: string;
  /** Filesystem of the state directory. */
  readonly filesystem: string;
  /** Share of the processors' time that others used in the second before. */
  readonly busyBefore: number;
  readonly date: string;
}

const run = promisify(execFile);

export async function describeMachine(stateDirectory: string): Promise<Machine> {
  const [first] = cpus();
  const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  // stat(1) calls ext4 by its ancestors' names.
  const { stdout: filesystem } = await run('findmnt', ['-n', '-o', 'FSTYPE', '-T', stateDirectory]);
  return {
    processor: first?.model ?? 'unknown',
    processors: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    version: `${manifest.version} ${await commit()}`.trim(),
    filesystem: filesystem.trim(),
    busyBefore: await busyShare(),
    date: new Date().toISOString(),
  };
}

async function commit(): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', projectRoot, 'describe', '--always', '--dirty=+']);
    return stdout.trim();
  } catch {
    return '';
  }
}

/** Over one second. Not the load average: that remembers, and counts who waits for the kernel. */
async function busyShare(): Promise<number> {
  const times = () => {
    const all = cpus().map(({ times: { idle, ...busy } }) => ({
      idle,
      busy: Object.values(busy).reduce((a, b) => a + b),
    }));
    return { idle: all.reduce((sum, one) => sum + one.idle, 0), busy: all.reduce((sum, one) => sum + one.busy, 0) };
  };
  const before = times();
  await sleep(1000);
  const after = times();
  const busy = after.busy - before.busy;
  return busy / Math.max(1, busy + after.idle - before.idle);
}

/** Others at work: threads are woken late, and processors that are never idle hide what waking them costs. */
const quiet = 0.05;

export function machineWords(machine: Machine): string {
  const busy = machine.busyBefore > quiet ? '\nThe machine is not quiet: repeat this later.' : '';
  return (
    `${machine.processor}, ${machine.processors} processors, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ` +
    `Node ${machine.node}, cloudstack-netns ${machine.version}, state on ${machine.filesystem}, ` +
    `${(100 * machine.busyBefore).toFixed(0)} % busy before, ${machine.date}${busy}`
  );
}
