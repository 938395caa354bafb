/** Comparisons of a value with constants: `ip saddr != 10.0.0.0/8`, `tcp flags 0x2 / 0x2,0x10`. */

import type { Comparison } from '../../kernel/nft/expression.js';
import { type DataType, numberOf } from './data-type.js';
import type { Operand } from './operand.js';
import { maskLength } from './prefix.js';
import { type FormatOptions, numbersOnly } from './style.js';

const signs: Readonly<Record<Comparison, string>> = { eq: '', neq: '!= ', lt: '< ', lte: '<= ', gt: '> ', gte: '>= ' };

/** A comparison: what is compared, how, with what. */
export interface Match {
  readonly left: string;
  readonly sign: string;
  readonly right: string;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const inNetworkOrder = (operand: Operand, bytes: Uint8Array): Uint8Array =>
  operand.hostOrder ? bytes.slice().reverse() : bytes;

/** A value as it lies in the register of an operand. */
export function registerText(operand: Operand, bytes: Uint8Array, options: FormatOptions): string {
  return operand.type.text(inNetworkOrder(operand, bytes), options);
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes.subarray(0, length));
  return result;
}

/** What comparing an operand with a constant is in nft's words; several comparisons where the operand is several header fields. */
export function matches(operand: Operand, operator: Comparison, value: Uint8Array, options: FormatOptions): Match[] {
  const sign = signs[operator] ?? `[ ${operator} ] `;
  const equality = operator === 'eq' || operator === 'neq';
  if (operand.masked !== undefined) return [maskedMatch(operand, operator, value, options)];
  const slice = operand.payload?.slice;
  const [field] = slice?.fields ?? [];
  if (slice !== undefined && field !== undefined && slice.partial === true && equality) {
    const network = field.type.text(padded(value, field.length), options);
    return [{ left: field.text, sign, right: `${network}/${8 * value.length}` }];
  }
  if (slice !== undefined && slice.fields.length > 1 && operator === 'eq' && value.length === operand.length) {
    let offset = 0;
    return slice.fields.map(({ text, type, length }) => {
      const right = type.text(value.subarray(offset, offset + length), options);
      offset += length;
      return { left: text, sign: '', right };
    });
  }
  const right = registerText(operand, value, options);
  if (operand.type.bits !== true) return [{ left: operand.text, sign, right }];
  // Without a mask all bits are compared, also those that are not set: that must be said.
  const several = right.includes(',') || right === '0x0';
  const all = several ? `0x${numberOf(inNetworkOrder(operand, value)).toString(16)}` : right;
  return [{ left: operand.text, sign: operator === 'eq' ? '== ' : sign, right: all }];
}

function maskedMatch(operand: Operand, operator: Comparison, value: Uint8Array, options: FormatOptions): Match {
  const { of, mask, xor } = operand.masked ?? { of: operand, mask: value, xor: value };
  const equality = operator === 'eq' || operator === 'neq';
  const text = (bytes: Uint8Array) => registerText(operand, bytes, options);
  const whole = { left: operand.text, sign: operator === 'eq' ? '== ' : signs[operator], right: text(value) };
  if (!equality || !isZero(xor) || value.length !== mask.length) return whole;
  const sign = signs[operator];

  if (of.type.bits === true) {
    const bits = text(mask);
    if (isZero(value)) return { left: of.text, sign: operator === 'neq' ? '' : '! ', right: bits };
    return bits.includes(',') ? { left: of.text, sign, right: `${text(value)} / ${bits}` } : whole;
  }
  if (of.type.prefixes === true) {
    const length = maskLength(inNetworkOrder(operand, mask));
    // Bits beyond the mask would be lost.
    const network = value.every((byte, index) => (byte & ~(mask[index] ?? 0)) === 0);
    if (length === undefined || !network) return whole;
    return { left: of.text, sign, right: length === 8 * mask.length ? text(value) : `${text(value)}/${length}` };
  }
  return whole;
}

/** The inclusive range of an operand. */
export function rangeMatch(
  operand: Operand,
  operator: 'eq' | 'neq',
  from: Uint8Array,
  to: Uint8Array,
  options: FormatOptions,
): Match {
  const numeric = numbersOnly(options);
  const right = `${registerText(operand, from, numeric)}-${registerText(operand, to, numeric)}`;
  return { left: operand.text, sign: signs[operator] ?? '', right };
}

/**
 * The value of `source & mask ^ xor` in nft's words: bits that are taken, set and inverted each have their operator.
 *
 * @returns the text, `meta mark & 0x000000f3 | 0x00000003`
 */
export function maskText(operand: Operand, mask: Uint8Array, xor: Uint8Array, options: FormatOptions): string {
  // Bits the mask drops and the xor sets are set; bits the mask keeps and the xor touches are inverted.
  const set = xor.map((byte, index) => byte & ~(mask[index] ?? 0));
  const inverted = xor.map((byte, index) => byte & (mask[index] ?? 0));
  const kept = mask.map((byte, index) => byte | (set[index] ?? 0));
  let text = operand.text;
  const type: DataType = operand.type;
  const write = (sign: string, bytes: Uint8Array) => {
    text += ` ${sign} ${type.text(inNetworkOrder(operand, bytes), options)}`;
  };
  if (!kept.every((byte) => byte === 255) || (isZero(set) && isZero(inverted))) write('&', kept);
  if (!isZero(inverted)) write('^', inverted);
  if (!isZero(set)) write('|', set);
  return text;
}
