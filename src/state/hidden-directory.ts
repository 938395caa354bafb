import { mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { errorCode } from './state-error.js';

/** What is on its way out, and what is on its way in. */
type Purpose = 'removed' | 'staged';

let count = 0;

/** Those of this process that are still in use. */
const live = new Set<string>();

/** A directory in the root that nobody looks into, for trees that come from elsewhere, or go there, by one rename. */
export class HiddenDirectory {
  readonly #root: string;
  readonly #name: string;

  constructor(root: string, purpose: Purpose) {
    this.#root = root;
    this.#name = `.${purpose}-${process.pid}-${count++}`;
  }

  /** Makes it if it is not there yet. @returns the path of a tree in it, relative to the root */
  make(index: number): string {
    if (!live.has(this.#path)) {
      mkdirSync(this.#path, { mode: 0o700 });
      live.add(this.#path);
    }
    return `${this.#name}/${index}`;
  }

  /** Removes it when all trees have gone elsewhere; that takes a third of a millisecond. */
  async removeEmpty(): Promise<void> {
    if (live.delete(this.#path)) await rmdir(this.#path);
  }

  /** Deletes it with what is left in it. */
  async discard(): Promise<void> {
    if (!live.delete(this.#path)) return;
    // A guest's tree goes at once, a network's while other things are done: each step of that takes a trip through Node's threads.
    if (removeSome(this.#path, mostAtOnce) <= 0) await rm(this.#path, { recursive: true, force: true });
  }

  get #path(): string {
    return `${this.#root}/${this.#name}`;
  }
}

/** Files and directories that are deleted without others running in between: about a millisecond. */
const mostAtOnce = 64;

/**
 * Deletes a directory with what is in it.
 *
 * @param most how many files and directories may go
 * @returns how many more could have; none when something is left
 */
function removeSome(directory: string, most: number): number {
  let left = most;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (left <= 0) return 0;
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) left = removeSome(path, left);
    else {
      unlinkSync(path);
      left--;
    }
  }
  if (left > 0) rmdirSync(directory);
  return left - 1;
}

/** Deletes what processes that died have left of hidden directories. */
export async function sweepHiddenDirectories(root: string): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  for (const name of names) {
    const pid = /^\.(?:removed|staged)-([0-9]+)-[0-9]+$/.exec(name)?.[1];
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
