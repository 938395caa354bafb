/** What has been done so far and how to take it back, newest first. */
export class UndoStack {
  readonly #entries: (() => Promise<void>)[] = [];

  push(undo: () => Promise<void>): void {
    this.#entries.push(undo);
  }

  /** Takes everything back. Goes on after a failure: what can be taken back is; what could not is returned. */
  async run(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let undo = this.#entries.pop(); undo !== undefined; undo = this.#entries.pop()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
