import type { Run } from '../schedule.js';

/** Times by what they are of, as they come in. */
export class Samples {
  readonly #times = new Map<string, number[]>();

  /** @param of says what the runs of an id are times of */
  add(runs: readonly Run[], of: (id: string) => string): void {
    for (const { id, start, end } of runs) if (id !== undefined) this.push(of(id), end - start);
  }

  push(id: string, nanoseconds: number): void {
    const list = this.#times.get(id);
    if (list === undefined) this.#times.set(id, [nanoseconds]);
    else list.push(nanoseconds);
  }

  /** None, if there was no time for it. */
  of(id: string): number[] {
    return this.#times.get(id) ?? [];
  }
}
