import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../../test/host/project-root.js';

/** A module of the product as it is built, which finds the addon, not as it would be bundled into the benchmark. */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(projectRoot, 'dist', path)).href)) as Module;
}
