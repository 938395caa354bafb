import type { Limits } from './limits.js';
import type { Guest } from './served-place.js';

/** How many connections are open, by guest and by network. */
export class ConnectionCount {
  readonly #byKey = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits: Limits) {}

  get open(): number {
    return this.#all;
  }

  /** Counts one more connection. @returns how to count it off again, or undefined when it is one too many */
  enter(guest: Guest): (() => void) | undefined {
    const network = `${guest.place.root} ${guest.network.id}`;
    const own = `${network} ${guest.address}`;
    if (
      this.#all >= this.limits.connections ||
      (this.#byKey.get(network) ?? 0) >= this.limits.connectionsPerNetwork ||
      (this.#byKey.get(own) ?? 0) >= this.limits.connectionsPerGuest
    ) {
      return undefined;
    }
    this.#all++;
    for (const key of [network, own]) this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1);
    return () => {
      this.#all--;
      for (const key of [network, own]) {
        const left = (this.#byKey.get(key) ?? 1) - 1;
        if (left === 0) this.#byKey.delete(key);
        else this.#byKey.set(key, left);
      }
    };
  }
}
