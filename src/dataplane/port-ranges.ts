/** Ranges of ports, each of one of many entries. */

/** Ranges one by one: the entry, the first and the last port of each. */
export interface UnitedRanges {
  readonly entries: readonly number[];
  readonly lows: readonly number[];
  readonly highs: readonly number[];
  readonly count: number;
}

/** Takes ranges of entries in any order and unites those of one entry that overlap or touch. */
export class PortRanges {
  readonly #lows: number[] = [];
  readonly #highs: number[] = [];
  /** Place of the range that was added to the same entry before; -1 for none. */
  readonly #others: number[] = [];
  /** By entry: place of its last range. */
  readonly #heads: number[] = [];
  #united: UnitedRanges | undefined;

  /** @param entry the next one, or one of those that have a range already */
  add(entry: number, first: number, last: number): void {
    this.#united = undefined;
    const place = this.#lows.length;
    this.#lows.push(first);
    this.#highs.push(last);
    this.#others.push(this.#heads[entry] ?? -1);
    this.#heads[entry] = place;
  }

  has(entry: number, port: number): boolean {
    for (let place = this.#heads[entry] ?? -1; place !== -1; place = this.#others[place] ?? -1) {
      if ((this.#lows[place] ?? 0) <= port && port <= (this.#highs[place] ?? 0)) return true;
    }
    return false;
  }

  /** In the order of the entries, and of the ports of each. */
  get united(): UnitedRanges {
    this.#united ??= this.#unite();
    return this.#united;
  }

  #unite(): UnitedRanges {
    const entries: number[] = [];
    const lows: number[] = [];
    const highs: number[] = [];
    const add = (entry: number, place: number) => {
      entries.push(entry);
      lows.push(this.#lows[place] ?? 0);
      highs.push(this.#highs[place] ?? 0);
    };
    for (let entry = 0; entry < this.#heads.length; entry++) {
      const head = this.#heads[entry] ?? -1;
      // Most have a single range.
      if (this.#others[head] === -1) {
        add(entry, head);
        continue;
      }
      const first = lows.length;
      for (const place of this.#sorted(head)) {
        const last = lows.length - 1;
        if (last < first || (this.#lows[place] ?? 0) > (highs[last] ?? 0) + 1) add(entry, place);
        else highs[last] = Math.max(highs[last] ?? 0, this.#highs[place] ?? 0);
      }
    }
    return { entries, lows, highs, count: lows.length };
  }

  /** Places of the ranges of one entry, by their first ports. */
  #sorted(head: number): number[] {
    const places: number[] = [];
    for (let place = head; place !== -1; place = this.#others[place] ?? -1) places.push(place);
    return places.sort((one, other) => (this.#lows[one] ?? 0) - (this.#lows[other] ?? 0));
  }
}
