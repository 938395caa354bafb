import { ConfinedPaths } from './confined-path.js';
import type { FileBatches } from './file-batches.js';
import type { FileEdit, FileRemoval, FileWrite, GuestEdit, KeyLine, TreeRemoval } from './file-edit.js';
import { editLines } from './key-lines.js';
import { guestDirectory } from './layout.js';
import { readRegularFile } from './regular-file.js';
import { TellingGuests } from './telling-guests.js';

/** An edit that says by itself what will be. */
export type PlainEdit = (FileWrite & Interim & Patience) | FileRemoval | TreeRemoval | TreeReplacement;

/** Of a file that is put in place after all else: what it is to hold until then. */
export interface Interim {
  readonly interim?: Uint8Array;
}

/** Of a file that may be on disk later than the answer, if it is in a new directory. */
export interface Patience {
  readonly flushedLater?: boolean;
}

/** The directory is to hold what other edits of the same list write in it, and nothing else. */
export interface TreeReplacement {
  readonly path: string;
  readonly replaceTree: true;
}

/** The edits that depend on what is there, as such that do not. Nothing is changed. @throws StateError */
export async function resolveEdits(files: FileBatches, edits: readonly FileEdit[]): Promise<PlainEdit[]> {
  const guestEdits = edits.filter((edit): edit is GuestEdit => 'guests' in edit);
  const conditions = edits.flatMap((edit) => ('lines' in edit ? edit.lines.flatMap(({ onlyIf }) => onlyIf ?? []) : []));
  const telling = await TellingGuests.look(files, guestEdits, conditions);
  const paths = new ConfinedPaths(files.root);
  const resolved = edits.flatMap((edit): PlainEdit[] => {
    if ('guests' in edit) return [];
    if (!('lines' in edit)) return [edit];
    const { path } = edit;
    const before = readRegularFile(paths.absolute(path)) ?? new Uint8Array();
    const lines = edit.lines.filter(({ onlyIf }) => onlyIf === undefined || telling.isOther(onlyIf));
    const content = edited(before, lines);
    if (content.length === 0) return [{ path, remove: true }];
    // Whoever's data goes is forgotten here first: else, if we die in between, nobody would know that a line is a former one's.
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
  return [...resolved, ...telling.edits];
}

function edited(content: Uint8Array, lines: readonly KeyLine[]): Uint8Array {
  return editLines(content, new Map(lines.map(({ key, value }) => [key, value])));
}

/** What is looked at to know what an edit comes to. */
export function pathsReadFor(edit: FileEdit): string[] {
  if ('guests' in edit) return [edit.path];
  if (!('lines' in edit)) return [];
  const conditions = edit.lines.flatMap(({ onlyIf }) => onlyIf ?? []);
  return [edit.path, ...conditions.map(({ networkId, guestIp }) => guestDirectory(networkId, guestIp))];
}
