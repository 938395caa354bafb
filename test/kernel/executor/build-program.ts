import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { projectRoot } from '../../host/project-root.js';

/** Makes one runnable file of a TypeScript program, by default one beside this one; it finds packages and the addon as the product does. */
export function buildProgram(name: string, place: string = import.meta.dirname): string {
  const directory = join(projectRoot, 'build/test-programs');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, `${name}.mjs`);
  buildSync({
    entryPoints: [join(place, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
}
