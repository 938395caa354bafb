import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { errorCode } from './state-error.js';

const prefix = '.removed-';
let count = 0;

/** Directories of this process that still hold trees an undo may want back. */
const live = new Set<string>();

/**
 * Trees on their way out. Each is renamed into a hidden directory of the root, which is one step however large it is and can be taken back;
 * the files go when the commit is settled.
 */
export class RemovedTrees {
  readonly #root: string;
  readonly #name: string;
  readonly #moves: { readonly from: string; readonly to: string }[] = [];

  constructor(root: string) {
    this.#root = root;
    this.#name = `${prefix}${process.pid}-${count++}`;
  }

  get isEmpty(): boolean {
    return this.#moves.length === 0;
  }

  /** Moves a tree out of sight. */
  take(path: string): void {
    const directory = `${this.#root}/${this.#name}`;
    if (!live.has(directory)) {
      mkdirSync(directory, { mode: 0o700 });
      live.add(directory);
    }
    const to = `${directory}/${this.#moves.length}`;
    renameSync(path, to);
    this.#moves.push({ from: path, to });
  }

  /** Puts all trees back where they were. */
  restore(): void {
    for (const { from, to } of this.#moves.splice(0).reverse()) renameSync(to, from);
  }

  /** Deletes what is left. */
  async discard(): Promise<void> {
    const directory = `${this.#root}/${this.#name}`;
    if (!live.delete(directory)) return;
    this.#moves.length = 0;
    await rm(directory, { recursive: true, force: true });
  }
}

/** Deletes what processes that died have left of removed trees. */
export async function sweepRemovedTrees(root: string): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  for (const name of names) {
    const pid = /^\.removed-([0-9]+)-[0-9]+$/.exec(name)?.[1];
    const directory = `${root}/${name}`;
    if (pid === undefined || live.has(directory) || isOther(Number(pid))) continue;
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whether another process of that id lives; our own id on a directory we do not know is from before a reboot. */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
