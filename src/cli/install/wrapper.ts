import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { extensionsDirectory, wrapperPath } from './layout.js';
import { kindOf, type ReplacedFile } from './replaced-file.js';

const elf = Buffer.from('\x7fELF', 'latin1');
/** Stands in every native client (native/client/main.cpp). */
const mark = Buffer.from('@cloudstack-netns native client@', 'latin1');

/** The host's program of an extension. */
export function wrapperOf(extension: string): ReplacedFile {
  return {
    path: wrapperPath(extension),
    isOurs: (content) => content.subarray(0, elf.length).equals(elf) && content.includes(mark),
  };
}

/** Extensions whose wrapper is the client. */
export async function installedExtensions(root: string): Promise<string[]> {
  const names = await readdir(join(root, extensionsDirectory)).catch(() => []);
  const kinds = await Promise.all(names.map((name) => kindOf(root, wrapperOf(name))));
  return names.filter((_, index) => kinds[index] === 'ours');
}
