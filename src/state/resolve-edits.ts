import { ConfinedPaths } from './confined-path.js';
import type { FileBatches } from './file-batches.js';
import type { Condition, FileEdit, FileRemoval, FileWrite, KeyLine, TreeRemoval } from './file-edit.js';
import { editLines } from './key-lines.js';
import { readRegularFile } from './regular-file.js';

/** An edit that says by itself what will be. */
export type PlainEdit = (FileWrite & Interim) | FileRemoval | TreeRemoval | TreeReplacement;

/** What a file is to hold before trees go, and until they have. */
export interface Interim {
  readonly interim?: Uint8Array;
}

/** The directory is to hold what other edits of the same list write in it, and nothing else. */
export interface TreeReplacement {
  readonly path: string;
  readonly replaceTree: true;
}

/** The edits that depend on what is there, as such that do not. Nothing is changed. @throws StateError */
export async function resolveEdits(files: FileBatches, edits: readonly FileEdit[]): Promise<PlainEdit[]> {
  const holds = await conditionsOf(files, edits);
  const paths = new ConfinedPaths(files.root);
  return edits.flatMap((edit): PlainEdit[] => {
    const { path } = edit;
    if ('clear' in edit) return holds(edit) ? [{ path, replaceTree: true }] : [];
    if (!('lines' in edit)) return [edit];
    const before = readRegularFile(paths.absolute(path)) ?? new Uint8Array();
    const lines = edit.lines.filter(holds);
    const content = edited(before, lines);
    if (content.length === 0) return [{ path, remove: true }];
    // Whoever's tree goes is forgotten here first: else, if we die in between, nobody would know that a line is a former one's.
    return [
      {
        path,
        content,
        interim: edited(
          before,
          lines.filter(({ onlyIf }) => onlyIf !== undefined),
        ),
      },
    ];
  });
}

function edited(content: Uint8Array, lines: readonly KeyLine[]): Uint8Array {
  return editLines(content, new Map(lines.map(({ key, value }) => [key, value])));
}

interface Conditional {
  readonly onlyIf?: Condition;
}

/** Looks at all that the edits depend on at once. @returns whether something is to be done */
async function conditionsOf(files: FileBatches, edits: readonly FileEdit[]): Promise<(one: Conditional) => boolean> {
  const conditions = new Set<Condition>();
  const collect = ({ onlyIf }: Conditional) => {
    if (onlyIf !== undefined) conditions.add(onlyIf);
  };
  for (const edit of edits) {
    if ('clear' in edit) collect(edit);
    else if ('lines' in edit) edit.lines.forEach(collect);
  }
  const list = [...conditions];
  const states = await files.compare(list.map(({ path, isNot }) => ({ path, content: isNot })));
  const holding = new Set(list.filter((_, index) => states[index] === 'other'));
  return ({ onlyIf }) => onlyIf === undefined || holding.has(onlyIf);
}
