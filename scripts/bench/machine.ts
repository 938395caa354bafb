import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
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
  readonly loadBefore: number;
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
    loadBefore: loadavg()[0] ?? 0,
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

/** Others at work: waiting threads are woken late, and processors that are never idle hide what waking them costs. */
const quietLoad = 0.5;

export function machineWords(machine: Machine): string {
  const busy = machine.loadBefore > quietLoad ? '\nThe machine is not quiet: repeat this later.' : '';
  return (
    `${machine.processor}, ${machine.processors} processors, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ` +
    `Node ${machine.node}, cloudstack-netns ${machine.version}, state on ${machine.filesystem}, ` +
    `load ${machine.loadBefore.toFixed(2)} before, ${machine.date}${busy}`
  );
}
