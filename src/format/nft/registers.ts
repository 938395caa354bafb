import type { Operand } from './operand.js';

/**
 * The registers: 64 bytes as 16 words of 4. Numbers 1–4 name four words each, 8–23 one word each (NFT_REG_1, NFT_REG32_00 of
 * linux/netfilter/nf_tables.h).
 */
export class Registers {
  readonly #words: ({ readonly operand: Operand; readonly first: boolean; used: boolean } | undefined)[] = [];

  static #word(register: number): number {
    return register >= 8 ? register - 8 : (register - 1) * 4;
  }

  /** Puts a value in a register; one of unknown length fills all behind it. */
  write(register: number, operand: Operand): void {
    const word = Registers.#word(register);
    if (!(word >= 0 && word < 16)) return;
    const end = operand.length === undefined ? 16 : Math.min(16, word + Math.max(1, Math.ceil(operand.length / 4)));
    for (let index = word; index < end; index++) this.#words[index] = { operand, first: index === word, used: false };
  }

  /** An instruction has written nobody knows where. */
  forget(): void {
    this.#words.length = 0;
  }

  /** The value at a register: one that begins there, or that reaches over it. */
  read(register: number): Operand | undefined {
    const word = this.#words[Registers.#word(register)];
    if (word !== undefined) word.used = true;
    return word?.operand;
  }

  /**
   * The values one behind the other from a register on: a concatenation.
   *
   * @param count how many; when it is not known, all that were loaded and not yet looked at
   */
  readConcatenation(register: number, count: number | undefined): Operand[] {
    const operands: Operand[] = [];
    for (let word = Registers.#word(register); word < 16 && (count === undefined || operands.length < count); ) {
      const at = this.#words[word];
      if (at === undefined || (count === undefined && operands.length > 0 && (at.used || !at.first))) break;
      at.used = true;
      operands.push(at.operand);
      if (at.operand.length === undefined) break;
      word += Math.max(1, Math.ceil(at.operand.length / 4));
    }
    return operands;
  }
}
