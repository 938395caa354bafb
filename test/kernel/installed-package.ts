// The package as a program elsewhere sees it: a directory of its own with node_modules/cloudstack-netns in it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the TypeScript compiler; its complaints are the error's message. */
export function compile(directory: string, config: object): void {
  const file = join(directory, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', file], { encoding: 'utf8' });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error));
  }
}

/** Compiler options of a program that uses the package. */
export const strictOptions = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

/** Makes such a directory, with the kernel layer compiled from the sources as they are. The caller removes it. */
export function installPackage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kernel-api-'));
  const target = join(directory, 'node_modules/cloudstack-netns');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "name": "example", "type": "module" }');
  cpSync(join(root, 'package.json'), join(target, 'package.json'));
  symlinkSync(join(root, 'build'), join(target, 'build'));
  compile(target, {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { rootDir: join(root, 'src'), outDir: join(target, 'dist'), typeRoots: strictOptions.typeRoots },
    include: [join(root, 'src/kernel')],
  });
  return directory;
}
