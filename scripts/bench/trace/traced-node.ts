import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../../test/host/project-root.js';

/** A program to be installed as the daemon's Node: runs it with daemon-trace.mjs, which writes `trace` when the daemon ends. */
export interface TracedNode {
  readonly program: string;
  readonly trace: string;
}

/** @param directory seen at the same path inside the test host */
export async function makeTracedNode(directory: string): Promise<TracedNode> {
  const program = join(directory, 'traced-node');
  const trace = join(directory, 'trace');
  const preload = join(projectRoot, 'scripts/bench/trace/daemon-trace.mjs');
  const script = `#!/bin/sh\nCSN_TRACE='${trace}' exec '${process.execPath}' --import '${preload}' "$@"\n`;
  await writeFile(program, script, { mode: 0o755 });
  return { program, trace };
}
