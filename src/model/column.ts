/** One number of each of many things, in one piece of memory. */

/** Two only: what the engine sees more than four kinds of in one place it cannot make fast. */
type Numbers = Uint8Array | Int32Array;

/** Takes numbers one by one and gives them back as an array of just their length. */
export class Column<Values extends Numbers> {
  #values: Values;
  #count = 0;

  constructor(
    private readonly make: new (length: number) => Values,
    room = 16,
  ) {
    this.#values = new make(Math.max(room, 1));
  }

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new this.make(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  at(place: number): number {
    return this.#values[place] ?? 0;
  }

  get values(): Values {
    return this.#count === this.#values.length ? this.#values : (this.#values.slice(0, this.#count) as Values);
  }
}

/** Whether two columns hold the same. */
export function areEqualColumns(one: Numbers, other: Numbers): boolean {
  const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers) => new Uint8Array(buffer, byteOffset, byteLength);
  return Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
}
