/** DHCP options (RFC 2132 and later) that operators give to single NICs: a code 1–254 and a value as text. */

import { isAddress, parseCidr } from './address.js';
import { parseDomainName } from './host-name.js';

/** What the value of an option is. `guessed`: the code is not in the table, the value's own form decides. */
type ValueKind = 'addresses' | 'number' | 'domains' | 'routes' | 'text' | 'guessed';

// IANA "BOOTP Vendor Extensions and DHCP Options"; those whose values are addresses, numbers, or texts that look like something else.
const addressCodes = [
  1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 21, 28, 32, 33, 41, 42, 44, 45, 48, 49, 50, 54, 65, 68, 69, 70, 71, 72, 73, 74,
  75, 76, 150,
];
const numberCodes = [2, 13, 19, 20, 22, 23, 24, 26, 27, 29, 30, 31, 34, 35, 36, 37, 38, 39, 46, 51, 57, 58, 59, 108];
const textCodes = [12, 14, 15, 17, 18, 40, 47, 56, 60, 62, 64, 66, 67, 77, 100, 101, 114];
const kinds: ReadonlyMap<number, ValueKind> = new Map([
  ...addressCodes.map((code) => [code, 'addresses'] as const),
  ...numberCodes.map((code) => [code, 'number'] as const),
  ...textCodes.map((code) => [code, 'text'] as const),
  [119, 'domains'],
  [121, 'routes'],
  [249, 'routes'],
]);

const expectations: Readonly<Record<ValueKind, string>> = {
  addresses: 'IPv4 addresses joined by commas',
  number: 'a number',
  domains: 'domains joined by commas',
  routes: 'pairs of IPv4 network and router joined by commas, such as 10.0.0.0/8,10.1.1.1',
  text: 'one line of at most 255 bytes',
  guessed: 'one line of at most 255 bytes',
};

/** Longest value in bytes: the option's length is one byte (RFC 2132 §2). */
const longest = 255;

/** A code 1–254 (0 is padding, 255 the end); undefined for anything else. */
export function parseOptionCode(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) return undefined;
  const code = Number(text);
  return code <= 254 ? code : undefined;
}

/** What is expected of the values of an option, in words. */
export function expectedOptionValue(code: number): string {
  return expectations[kinds.get(code) ?? 'guessed'];
}

/**
 * A value as dnsmasq reads it in a line of its options file; undefined when it is not what the option's values are. Text is quoted, so that a
 * comma, a quote or what looks like an address stays text; in quotes, dnsmasq takes `\"` and `\\` for the character (2.90, option.c,
 * read_file).
 */
export function formatOptionValue(code: number, value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a line
  if (/[\0-\x1f\x7f\u0080-\u009f\u2028\u2029]/.test(value) || Buffer.byteLength(value) > longest) return undefined;
  const items = value.split(',').map((item) => item.trim());
  const all = (isItem: (item: string, index: number) => boolean) => (items.every(isItem) ? items.join(',') : undefined);
  const quoted = () => `"${value.replace(/["\\]/g, '\\$&')}"`;
  const bytes = () => (/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/.test(value) ? value : undefined);
  switch (kinds.get(code) ?? 'guessed') {
    case 'addresses':
      return all(isAddress);
    case 'number':
      return /^(?:0|-?[1-9][0-9]{0,9})$/.test(value) ? value : undefined;
    case 'domains':
      return all((item) => parseDomainName(item) !== undefined);
    case 'routes':
      return items.length % 2 === 0
        ? all((item, index) => (index % 2 === 0 ? parseCidr(item) !== undefined : isAddress(item)))
        : undefined;
    case 'text':
      return quoted();
    case 'guessed':
      return all(isAddress) ?? bytes() ?? quoted();
  }
}
