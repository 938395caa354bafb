import { chmod, copyFile, mkdir, open, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/*
 * Files are written beside their place and renamed into it: a program that runs from the old file is not disturbed, and an
 * interrupted installation leaves no half of one. Each function returns whether anything changed.
 */

export async function placeCopy(source: string, target: string, mode: number): Promise<boolean> {
  if (await sameContent(target, await readFile(source))) {
    await chmod(target, mode);
    return false;
  }
  await replace(target, async (temporary) => {
    await copyFile(source, temporary);
    await settle(temporary, mode);
  });
  return true;
}

export async function placeText(text: string, target: string, mode: number): Promise<boolean> {
  return placeBytes(Buffer.from(text), target, mode);
}

export async function placeBytes(bytes: Buffer, target: string, mode: number): Promise<boolean> {
  if (await sameContent(target, bytes)) return false;
  await replace(target, async (temporary) => {
    await writeFile(temporary, bytes);
    await settle(temporary, mode);
  });
  return true;
}

export async function placeLink(destination: string, target: string): Promise<boolean> {
  if ((await readlink(target).catch(() => undefined)) === destination) return false;
  await replace(target, (temporary) => symlink(destination, temporary));
  return true;
}

async function replace(target: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const temporary = `${target}.${process.pid}.new`;
  try {
    await write(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function settle(file: string, mode: number): Promise<void> {
  await chmod(file, mode);
  const handle = await open(file, 'r');
  await handle.sync();
  await handle.close();
}

async function sameContent(file: string, content: Buffer): Promise<boolean> {
  const present = await readFile(file).catch(() => undefined);
  return present?.equals(content) ?? false;
}
