// Runs a TypeScript program of the tests: run-typescript.mjs FILE [argument…] | --code TEXT
// Node 20 cannot run TypeScript itself; esbuild, which the build needs anyway, makes one file of it first.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const [first = '', second = '', ...others] = process.argv.slice(2);
const isCode = first === '--code';
const built = buildSync({
  ...(isCode ? { stdin: { contents: second, resolveDir: root, loader: 'ts' } } : { entryPoints: [resolve(first)] }),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'error',
  write: false,
});
const [output] = built.outputFiles;
if (output === undefined) throw new Error('esbuild made no file');
// Inside node_modules, because packages are found from the file's place.
const directory = join(root, 'node_modules/.cache/cloudstack-netns');
mkdirSync(directory, { recursive: true });
const name = createHash('sha256').update(output.contents).digest('hex').slice(0, 16);
const file = join(directory, `${name}.mjs`);
writeFileSync(file, output.contents);
process.argv = [process.argv[0] ?? 'node', file, ...(isCode ? [] : [second, ...others].filter((word) => word !== ''))];
await import(pathToFileURL(file).href);
