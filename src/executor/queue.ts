/** How something that was carried out together with others ended. */
export type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/**
 * Told how something ended, once; perhaps before whoever began it goes on. Must not throw. A function and no promise: of a batch a thousand calls are at work at
 * once, and what is alive of each is what a collection costs.
 */
export type Ended<Result> = (outcome: Outcome<Result>) => void;

/** Carries out items of one key; one outcome for each of the first of them, at least one. Those without come again. */
export type Together<Item, Result> = (
  items: readonly [Item, ...Item[]],
  key: string,
) => Promise<readonly Outcome<Result>[]>;

type Waiting<Item, Result> =
  | { readonly task: () => Promise<void> }
  | {
      readonly item: Item;
      readonly ended: Ended<Result>;
    };

/** Most items that are carried out together: who waits for the first of them need not wait for ever. */
const mostTogether = 1_024;

/**
 * Work with the same key is done in the order it came, one after the other, but neighbouring items together; work with different keys is
 * done side by side.
 */
export class KeyedQueue<Item = never, Result = never> {
  readonly #waiting = new Map<string, Waiting<Item, Result>[]>();

  constructor(private readonly together: Together<Item, Result> = async () => []) {}

  /** Runs a task when its turn comes, by itself. */
  run<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#enter(key, { task: () => task().then(resolve, reject) });
    });
  }

  /** Has an item carried out when its turn comes, with those that wait beside it. */
  join(key: string, item: Item, ended: Ended<Result>): void {
    this.#enter(key, { item, ended });
  }

  #enter(key: string, entry: Waiting<Item, Result>): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.push(entry);
      return;
    }
    const own = [entry];
    this.#waiting.set(key, own);
    void this.#work(key, own);
  }

  async #work(key: string, waiting: Waiting<Item, Result>[]): Promise<void> {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if ('task' in first) {
        waiting.shift();
        await first.task();
      } else {
        const end = waiting.findIndex((entry) => 'task' in entry);
        const neighbours = waiting.slice(0, Math.min(end === -1 ? waiting.length : end, mostTogether));
        waiting.splice(0, await this.#workTogether(key, neighbours));
      }
    }
    this.#waiting.delete(key);
  }

  /** @returns how many are done */
  async #workTogether(key: string, neighbours: readonly Waiting<Item, Result>[]): Promise<number> {
    const entries = neighbours.filter((entry) => 'item' in entry);
    let outcomes: readonly Outcome<Result>[];
    try {
      outcomes = await this.together(entries.map(({ item }) => item) as [Item, ...Item[]], key);
      if (outcomes.length === 0) throw new Error('nothing was carried out');
    } catch (error) {
      outcomes = entries.map(() => ({ error }));
    }
    for (let index = 0; index < outcomes.length; index++) {
      const outcome = outcomes[index];
      if (outcome !== undefined) entries[index]?.ended(outcome);
    }
    return outcomes.length;
  }
}
