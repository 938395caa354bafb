/** IPv4 networks as numbers. */

import { ipv4Bytes } from './bytes.js';

export interface Ipv4Network {
  /** Unsigned 32-bit number, host bits cleared. */
  readonly address: number;
  /** 0–32 */
  readonly prefix: number;
}

const bytes = new Uint8Array(4);
const view = new DataView(bytes.buffer);

/** `10.1.1.0/24`, host bits allowed, or a single address as a network of its own; undefined when the text is anything else. */
export function ipv4Network(text: string): Ipv4Network | undefined {
  const slash = text.indexOf('/');
  const prefix = slash === -1 ? 32 : parsePrefix(text.slice(slash + 1));
  if (prefix === undefined || !ipv4Bytes(slash === -1 ? text : text.slice(0, slash), bytes, 0)) return undefined;
  // A shift by 32 is a shift by 0 in JavaScript.
  const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
  return { address: (view.getUint32(0) & mask) >>> 0, prefix };
}

/** 0–32, without leading zeros. */
export function parsePrefix(text: string): number | undefined {
  return /^(?:[0-9]|[12][0-9]|3[0-2])$/.test(text) ? Number(text) : undefined;
}
