import { link, lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { extensionsDirectory, keptWrapperPath, wrapperPath } from './layout.js';
import { placeCopy } from './place-file.js';

const elf = Buffer.from('\x7fELF', 'latin1');
/** Stands in every native client (native/client/main.cpp). */
const mark = Buffer.from('@cloudstack-netns native client@', 'latin1');

export type WrapperKind = 'none' | 'ours' | 'foreign';

/** What lies at an extension's place. */
export async function wrapperKind(root: string, extension: string): Promise<WrapperKind> {
  const path = join(root, wrapperPath(extension));
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return 'none';
  if (!status.isFile()) return 'foreign';
  const content = await readFile(path);
  return content.subarray(0, elf.length).equals(elf) && content.includes(mark) ? 'ours' : 'foreign';
}

/** Puts the client in place; a foreign wrapper is kept beside it. At no moment is the place empty. */
export async function placeWrapper(
  client: string,
  root: string,
  extension: string,
): Promise<{ changed: boolean; kept?: string }> {
  const path = join(root, wrapperPath(extension));
  if ((await wrapperKind(root, extension)) !== 'foreign') return { changed: await placeCopy(client, path, 0o755) };
  const kept = join(root, keptWrapperPath(extension));
  await rm(kept, { force: true });
  await link(path, kept);
  await placeCopy(client, path, 0o755);
  return { changed: true, kept: keptWrapperPath(extension) };
}

/** Takes the client away; a wrapper kept at installation comes back. */
export async function removeWrapper(root: string, extension: string): Promise<'removed' | 'restored'> {
  const path = join(root, wrapperPath(extension));
  try {
    await rename(join(root, keptWrapperPath(extension)), path);
    return 'restored';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await rm(path);
  return 'removed';
}

/** Extensions whose wrapper is the client. */
export async function installedExtensions(root: string): Promise<string[]> {
  const names = await readdir(join(root, extensionsDirectory)).catch(() => []);
  const kinds = await Promise.all(names.map((name) => wrapperKind(root, name)));
  return names.filter((_, index) => kinds[index] === 'ours');
}
