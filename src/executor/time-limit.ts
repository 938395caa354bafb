import type { Ended } from './queue.js';

/** A call that nobody waits for any more. */
export class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/**
 * How long the one who gave a call waits for its end. A call that still waits for others then is not begun, one that is at work is taken back,
 * and one that cannot be taken back any more is waited for: the answer is always what is true in the end.
 */
export class TimeLimit {
  #stage: 'waiting' | 'working' | 'finishing' = 'waiting';
  #error: TooLateError | undefined;

  /** @param milliseconds undefined: for ever */
  constructor(
    private readonly command: string,
    private readonly milliseconds: number | undefined,
  ) {}

  /** Whether the answer was that it took too long. */
  get isOver(): boolean {
    return this.#error !== undefined;
  }

  /** That answer. */
  get error(): TooLateError {
    return this.#error ?? new TooLateError(`${this.command}: is not too late`);
  }

  /** It is being carried out; perhaps once more. */
  begin(): void {
    this.#stage = 'working';
  }

  /** From here on it is carried out to its end. */
  finish(): void {
    this.#stage = 'finishing';
  }

  /** @throws TooLateError */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Tells the end, or that it does not come in time: whichever is first. @returns what is to be told the end */
  keep<Result>(ended: Ended<Result>): Ended<Result> {
    return this.milliseconds === undefined ? ended : this.#keepFor(this.milliseconds, ended);
  }

  #keepFor<Result>(milliseconds: number, ended: Ended<Result>): Ended<Result> {
    let isTold = false;
    const tell: Ended<Result> = (outcome) => {
      if (isTold) return;
      isTold = true;
      clearTimeout(timer);
      ended(outcome);
    };
    const timer = setTimeout(() => {
      if (this.#stage === 'finishing') return;
      const seconds = milliseconds / 1000;
      this.#error = new TooLateError(
        this.#stage === 'waiting'
          ? `${this.command}: waited for ${seconds} s for others that are at work on the same network; it was not begun`
          : `${this.command}: took longer than ${seconds} s; what it had done is taken back`,
      );
      tell({ error: this.#error });
    }, milliseconds);
    return tell;
  }
}
