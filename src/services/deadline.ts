/** One timer at a time that ends something, and never later than a last moment. */
export class Deadline {
  readonly #end: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param longest milliseconds from now, whatever is set later */
  constructor(
    longest: number,
    private readonly expire: () => void,
  ) {
    this.#end = performance.now() + longest;
  }

  /** In place of what was set before. */
  set(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.expire, Math.max(0, Math.min(milliseconds, this.#end - performance.now())));
    this.#timer.unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
