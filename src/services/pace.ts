import type { Limits } from './limits.js';

/** Milliseconds that a request waits at most: requests of connections that are gone must not count for ever. */
const longestWait = 5_000;

/** Guests that are remembered at most; then those that have been quiet are forgotten. */
const mostRemembered = 10_000;

/**
 * How soon each guest's next request is answered: at once for a burst, then at a rate (the generic cell rate algorithm, ITU-T I.371). Of a
 * guest one number is kept.
 */
export class Pace {
  readonly #due = new Map<string, number>();
  readonly #interval: number;
  readonly #tolerance: number;

  constructor({ burst, rate }: Pick<Limits, 'burst' | 'rate'>) {
    this.#interval = 1000 / rate;
    this.#tolerance = burst * this.#interval;
  }

  /** @param now in milliseconds. @returns how long a request has to wait, in milliseconds */
  wait(key: string, now: number): number {
    const due = Math.min(
      Math.max(this.#due.get(key) ?? now, now) + this.#interval,
      now + this.#tolerance + longestWait,
    );
    if (this.#due.size >= mostRemembered) this.#forget(now);
    this.#due.set(key, due);
    return Math.max(0, due - now - this.#tolerance);
  }

  #forget(now: number): void {
    for (const [key, due] of this.#due) if (due <= now) this.#due.delete(key);
    if (this.#due.size >= mostRemembered) this.#due.clear();
  }
}
