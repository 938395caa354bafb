import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../../test/host/project-root.js';

const sources = join(projectRoot, 'scripts/bench/native');
const output = join(projectRoot, 'build-bench');

/** The bench's own C programs, and what each is made of. */
const programs = {
  'netlink-floor': ['netlink-floor.c'],
  'packet-client': ['packet-client.c'],
  'packet-server': ['packet-server.c'],
  'spawn-timer': ['spawn-timer.c', 'durable-write.c'],
} as const;

export type NativeProgram = keyof typeof programs;

export function nativeProgram(name: NativeProgram): string {
  return join(output, name);
}

/** Compiles what is missing or older than any source. */
export async function buildNativePrograms(): Promise<void> {
  await mkdir(output, { recursive: true });
  const times = await Promise.all((await readdir(sources)).map(async (file) => modified(join(sources, file))));
  const newest = Math.max(...times);
  for (const [name, files] of Object.entries(programs)) {
    const program = join(output, name);
    if ((await modified(program)) > newest) continue;
    const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program];
    await execa(process.env.CC ?? 'cc', [...flags, ...files.map((file) => join(sources, file))]);
  }
}

/** 0 for a file that is not there. */
async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
