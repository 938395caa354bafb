/** IP addresses to bytes and back. Thousands per transaction pass here, hence no split and no regular expression. */

import { isIPv6 } from 'node:net';

/** Writes a dotted IPv4 address at `offset`; false when the text is none (leading zeros are refused: they read as octal elsewhere). */
export function ipv4Bytes(text: string, bytes: Uint8Array, offset: number): boolean {
  let part = -1;
  let parts = 0;
  for (let index = 0; index <= text.length; index++) {
    const digit = index === text.length ? 46 : text.charCodeAt(index);
    if (digit === 46) {
      if (part < 0 || parts === 4) return false;
      bytes[offset + parts++] = part;
      part = -1;
      continue;
    }
    if (digit < 48 || digit > 57 || part === 0) return false;
    part = part < 0 ? digit - 48 : part * 10 + digit - 48;
    if (part > 255) return false;
  }
  return parts === 4;
}

/** The IPv4 address at `offset`. */
export function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** Writes an IPv6 address at `offset`; false when the text is none. */
export function ipv6Bytes(text: string, bytes: Uint8Array, offset: number): boolean {
  if (!isIPv6(text) || text.includes('%')) return false;
  let groups = text;
  const dot = text.lastIndexOf('.');
  if (dot >= 0) {
    const tail = text.lastIndexOf(':') + 1;
    const last = new Uint8Array(4);
    if (!ipv4Bytes(text.slice(tail), last, 0)) return false;
    const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
    groups = `${text.slice(0, tail)}${hex(last[0] ?? 0, last[1] ?? 0)}:${hex(last[2] ?? 0, last[3] ?? 0)}`;
  }
  const [head = '', rest] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const all = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  all.forEach((group, index) => {
    const number = Number.parseInt(group, 16);
    bytes[offset + 2 * index] = number >> 8;
    bytes[offset + 2 * index + 1] = number & 255;
  });
  return true;
}

/** The IPv6 address at `offset` as RFC 5952 writes it: the longest run of two or more zero groups becomes `::`. */
export function ipv6Text(bytes: Uint8Array, offset: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    return ((bytes[offset + 2 * index] ?? 0) << 8) | (bytes[offset + 2 * index + 1] ?? 0);
  });
  let start = -1;
  let longest = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && groups[end] === 0) end++;
    if (end - index > longest) {
      start = index;
      longest = end - index;
    }
    index = Math.max(index, end - 1);
  }
  const words = groups.map((group) => group.toString(16));
  if (start < 0) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + longest).join(':')}`;
}
