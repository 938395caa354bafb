import type { FileEdit } from '../state/file-edit.js';

/** The edits of several plans: a file is written by the last that writes it; any other two edits about one place are for two plans. */
export class MergedFiles {
  readonly #edits = new Map<string, FileEdit>();
  /** Directories that are removed, or in which files follow from what is there. */
  readonly #cleared = new Set<string>();
  /** Directories in which, at whatever depth, something is edited. */
  readonly #edited = new Set<string>();

  /** Whether the edits of one more plan can be added. */
  fits(edits: readonly FileEdit[]): boolean {
    return edits.every((edit) => {
      const other = this.#edits.get(edit.path);
      if (other !== undefined && !('content' in edit && 'content' in other)) return false;
      if (isAboutDirectory(edit) && this.#edited.has(edit.path)) return false;
      return this.#cleared.size === 0 || !directoriesAbove(edit.path).some((path) => this.#cleared.has(path));
    });
  }

  /** Adds what fits. */
  add(edits: readonly FileEdit[]): void {
    for (const edit of edits) {
      this.#edits.set(edit.path, edit);
      if (isAboutDirectory(edit)) this.#cleared.add(edit.path);
      for (const path of directoriesAbove(edit.path)) this.#edited.add(path);
    }
  }

  get edits(): FileEdit[] {
    return [...this.#edits.values()];
  }
}

function isAboutDirectory(edit: FileEdit): boolean {
  return 'removeTree' in edit || 'guests' in edit;
}

function directoriesAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
