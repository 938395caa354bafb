import { ConfinedPaths } from './confined-path.js';
import type { FileBatches } from './file-batches.js';
import type { Condition, FileEdit, FileRemoval, FileWrite, LineEdit, TreeRemoval } from './file-edit.js';
import { editLines } from './key-lines.js';
import { readRegularFile } from './regular-file.js';

/** An edit that says by itself what will be. */
export type PlainEdit = FileWrite | FileRemoval | TreeRemoval | TreeReplacement;

/** The directory is to hold what other edits of the same list write in it, and nothing else. */
export interface TreeReplacement {
  readonly path: string;
  readonly replaceTree: true;
}

/** The edits that depend on what is there, as such that do not. Nothing is changed. @throws StateError */
export async function resolveEdits(files: FileBatches, edits: readonly FileEdit[]): Promise<PlainEdit[]> {
  const holds = await conditionsOf(files, edits);
  const plain: PlainEdit[] = [];
  const lines = new Map<string, LineEdit[]>();
  const ofFile = (path: string): LineEdit[] => {
    const known = lines.get(path) ?? [];
    lines.set(path, known);
    return known;
  };
  for (const edit of edits) {
    if ('onlyIf' in edit && edit.onlyIf !== undefined && !holds(edit.onlyIf)) continue;
    if ('clear' in edit) plain.push({ path: edit.path, replaceTree: true });
    else if (!('key' in edit)) plain.push(edit);
    else ofFile(edit.path).push(edit);
  }
  const paths = new ConfinedPaths(files.root);
  for (const [path, edited] of lines) {
    const before = readRegularFile(paths.absolute(path)) ?? new Uint8Array();
    const content = editLines(before, new Map(edited.map(({ key, value }) => [key, value])));
    plain.push(content.length === 0 ? { path, remove: true } : { path, content });
  }
  return plain;
}

/** Looks at all that the edits depend on at once. */
async function conditionsOf(
  files: FileBatches,
  edits: readonly FileEdit[],
): Promise<(condition: Condition) => boolean> {
  const conditions = new Set<Condition>();
  for (const edit of edits) if ('onlyIf' in edit && edit.onlyIf !== undefined) conditions.add(edit.onlyIf);
  const list = [...conditions];
  const states = await files.compare(list.map(({ path, isNot }) => ({ path, content: isNot })));
  const holding = new Set(list.filter((_, index) => states[index] === 'other'));
  return (condition) => holding.has(condition);
}
