import { readdirSync } from 'node:fs';
import { confinedPath, kindOf } from './confined-path.js';
import type { Condition, FileEdit, FileRemoval, FileWrite, TreeRemoval } from './file-edit.js';
import { editLine } from './key-lines.js';
import { readRegularFile } from './regular-file.js';

/** An edit that says by itself what will be. */
export type PlainEdit = FileWrite | FileRemoval | TreeRemoval;

/** The edits that depend on what is there, as such that do not. Nothing is changed. @throws StateError */
export function resolveEdits(root: string, edits: readonly FileEdit[]): PlainEdit[] {
  const named = new Set(edits.map((edit) => edit.path));
  return edits.flatMap((edit) => {
    if ('onlyIf' in edit && edit.onlyIf !== undefined && !holds(root, edit.onlyIf)) return [];
    if ('key' in edit) {
      const content = editLine(
        readRegularFile(confinedPath(root, edit.path)) ?? new Uint8Array(),
        edit.key,
        edit.value,
      );
      return [content.length === 0 ? { path: edit.path, remove: true } : { path: edit.path, content }];
    }
    if (!('clear' in edit)) return [edit];
    return filesBelow(root, edit.path)
      .filter((path) => !named.has(path))
      .map((path) => ({ path, remove: true }) as const);
  });
}

function holds(root: string, { path, isNot }: Condition): boolean {
  const content = readRegularFile(confinedPath(root, path));
  return content !== undefined && !content.equals(isNot);
}

/** The regular files in a directory and below it; symbolic links are neither followed nor named. */
function filesBelow(root: string, path: string): string[] {
  const directory = confinedPath(root, path);
  if (kindOf(directory) !== 'directory') return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = `${path}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(root, name);
    return entry.isFile() ? [name] : [];
  });
}
