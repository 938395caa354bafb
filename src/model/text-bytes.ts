/** A text of ASCII characters as its bytes: put together from tens of thousands of pieces, as a text it would be many texts first. */

const zero = 0x30;
const dot = 0x2e;

export class TextBytes {
  #bytes: Uint8Array;
  #length = 0;

  /** @param room how long the text will be, as far as known */
  constructor(room = 1024) {
    this.#bytes = new Uint8Array(room);
  }

  /** What was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param text ASCII */
  text(text: string): this {
    this.#makeRoom(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text.charCodeAt(index);
    return this;
  }

  /** A whole number from 0 to 65535, in decimal. */
  number(value: number): this {
    this.#makeRoom(5);
    this.#digits(value);
    return this;
  }

  /** An IPv4 address. @param value 32 bits, signed or not */
  address(value: number): this {
    this.#makeRoom(15);
    for (let shift = 24; shift >= 0; shift -= 8) {
      this.#digits((value >>> shift) & 255);
      if (shift > 0) this.#bytes[this.#length++] = dot;
    }
    return this;
  }

  #digits(value: number): void {
    let divisor = value < 10 ? 1 : value < 100 ? 10 : value < 1000 ? 100 : value < 10_000 ? 1000 : 10_000;
    for (let rest = value; divisor >= 1; divisor = Math.trunc(divisor / 10)) {
      const digit = Math.trunc(rest / divisor);
      this.#bytes[this.#length++] = zero + digit;
      rest -= digit * divisor;
    }
  }

  #makeRoom(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * this.#bytes.length + length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
