/**
 * Expressions: the instructions a rule is made of. Each function returns one instruction as the kernel takes it; a rule is a list
 * of them. Registers are numbers: 1–4 are the 16-byte registers (NFT_REG_1…4), 8–23 the 4-byte ones (NFT_REG32_00…15) over the
 * same memory, 0 the verdict. A load takes register 1 and a comparison looks at it unless another one is said.
 */

export * from './expression/compare.js';
export type { Expression } from './expression/instruction.js';
export * from './expression/load.js';
export * from './expression/match.js';
export * from './expression/nat.js';
export * from './expression/statement.js';
export type { Verdict } from './verdict.js';
export { accept, drop, goTo, jump, returnToCaller } from './verdict.js';
