import { lstatSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Commit, commit as commitIn } from '../../../src/state/commit.js';
import { type FileBatch, FileBatches, type FileWork } from '../../../src/state/file-batches.js';
import type { FileEdit } from '../../../src/state/file-edit.js';

/** What the addon does, without it. */
export const fileWork: FileWork = {
  async buildFiles(batch) {
    for (const { path, content } of filesOf(batch)) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    }
  },
  async compareFiles(batch) {
    return Uint8Array.from(filesOf(batch), ({ path, content }) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return 0;
      return stats.isFile() && readFileSync(path).equals(content) ? 1 : 2;
    });
  },
  async removeFiles(batch) {
    return Uint8Array.from(filesOf(batch), ({ path }) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return 0;
      if (stats.isDirectory()) return 2;
      unlinkSync(path);
      return 1;
    });
  },
  async flushFiles() {},
};

function filesOf({ root, paths, contents, sizes }: FileBatch): { readonly path: string; readonly content: Buffer }[] {
  let offset = 0;
  return paths.split('\0').map((path, index) => {
    const start = offset;
    offset += sizes[index] ?? 0;
    return { path: `${root}/${path}`, content: Buffer.from(contents.subarray(start, offset)) };
  });
}

/** See `commit` of the state directory. */
export async function commit(root: string, edits: readonly FileEdit[]): Promise<Commit> {
  return commitIn(new FileBatches(root, fileWork), edits);
}
