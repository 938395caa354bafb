import type { JournalEntry } from './journal-record.js';

/** What a journal says and the files do not say yet: of each path only the last. */
export class WaitingEdits {
  readonly #trees = new Set<string>();
  readonly #files = new Map<string, Uint8Array | undefined>();

  get size(): number {
    return this.#trees.size + this.#files.size;
  }

  add(entries: readonly JournalEntry[]): void {
    for (const [path, content] of entries) {
      if (!path.endsWith('/')) {
        this.#files.set(path, content);
        continue;
      }
      this.#trees.add(path.slice(0, -1));
      for (const file of this.#files.keys()) if (file.startsWith(path)) this.#files.delete(file);
    }
  }

  /**
   * The next files, and before them directories that go. They are not waiting any more.
   *
   * @param most files
   * @param below a path: only what it names, and what lies below it
   */
  take(most: number, below?: string): { readonly trees: readonly string[]; readonly files: readonly JournalEntry[] } {
    const isMeant = (path: string) => below === undefined || isBelow(path, below);
    const trees = [...this.#trees].filter(isMeant);
    for (const tree of trees) this.#trees.delete(tree);
    const files: JournalEntry[] = [];
    for (const entry of this.#files) {
      if (files.length === most) break;
      if (!isMeant(entry[0])) continue;
      files.push(entry);
      this.#files.delete(entry[0]);
    }
    return { trees, files };
  }
}

/** Whether a path is that of a directory, or lies below it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
