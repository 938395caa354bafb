import { renameSync } from 'node:fs';
import { HiddenDirectory } from './hidden-directory.js';

/**
 * Trees on their way out. Each is renamed into a hidden directory of the root, which is one step however large it is and can be taken back;
 * the files go when the commit is settled.
 */
export class RemovedTrees {
  readonly #root: string;
  readonly #hidden: HiddenDirectory;
  readonly #moves: { readonly from: string; readonly to: string }[] = [];

  constructor(root: string) {
    this.#root = root;
    this.#hidden = new HiddenDirectory(root, 'removed');
  }

  /** Moves a tree out of sight; its path is relative to the root. */
  take(path: string): void {
    const from = `${this.#root}/${path}`;
    const to = `${this.#root}/${this.#hidden.make(this.#moves.length)}`;
    renameSync(from, to);
    this.#moves.push({ from, to });
  }

  /** Puts all trees back where they were. */
  restore(): void {
    for (const { from, to } of this.#moves.splice(0).reverse()) renameSync(to, from);
  }

  /** Deletes what is left. */
  async discard(): Promise<void> {
    this.#moves.length = 0;
    await this.#hidden.discard();
  }
}
