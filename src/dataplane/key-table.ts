/**
 * Keys of one width, each once, one behind the other as nf_tables has them in a set. Ten thousand rules have as many keys: in one piece of memory
 * they are nothing to the garbage collector, and go to the kernel as they are.
 */

/** Room for this many keys at first. */
const firstRoom = 8;

export class KeyTable {
  #bytes: Uint8Array;
  #words: Uint32Array;
  /** By hash: the place of a key, plus one; 0 where there is none. Open addressing, at most half full. */
  #slots: Int32Array;
  #count = 0;
  readonly #wordsPerKey: number;

  /** @param width bytes of a key; a multiple of 4, as fields are padded to */
  constructor(readonly width: number) {
    this.#wordsPerKey = width / 4;
    this.#bytes = new Uint8Array(firstRoom * width);
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#slots = new Int32Array(2 * firstRoom);
  }

  get count(): number {
    return this.#count;
  }

  /** All keys. */
  get keys(): Uint8Array {
    return this.#bytes.subarray(0, this.#count * this.width);
  }

  /** Where the bytes of the next key are to be written, before {@link enter} or {@link find}: at `count * width`. Padding is to be written, too. */
  get room(): Uint8Array {
    return this.#bytes;
  }

  /** Keeps the key that was written, unless it is known. @returns its place; the last one when it is new */
  enter(): number {
    const slot = this.#slotOfNext();
    const known = this.#slots[slot] as number;
    if (known !== 0) return known - 1;
    const place = this.#count++;
    this.#slots[slot] = this.#count;
    if (2 * this.#count >= this.#slots.length) this.#grow();
    return place;
  }

  /** The place of the key that was written, which is not kept; -1 when it is not there. */
  find(): number {
    return (this.#slots[this.#slotOfNext()] as number) - 1;
  }

  /** The slot of the key behind the last one, or the free one where it belongs. */
  #slotOfNext(): number {
    const words = this.#words;
    const length = this.#wordsPerKey;
    const mask = this.#slots.length - 1;
    const own = this.#count * length;
    for (let slot = this.#hashOf(this.#count) & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] as number;
      if (known === 0) return slot;
      const other = (known - 1) * length;
      let index = 0;
      while (index < length && words[own + index] === words[other + index]) index++;
      if (index === length) return slot;
    }
  }

  /** Every bit of a key counts in the low ones of its hash (the finalizer of MurmurHash3, public domain). */
  #hashOf(place: number): number {
    let hash = 0;
    const end = (place + 1) * this.#wordsPerKey;
    for (let index = place * this.#wordsPerKey; index < end; index++) {
      hash = Math.imul(hash ^ (this.#words[index] as number), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    return hash;
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer);
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let place = 0; place < this.#count; place++) {
      let slot = this.#hashOf(place) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }
}
