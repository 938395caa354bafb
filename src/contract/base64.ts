import type { NestedValue } from './raw-call.js';

/**
 * The bytes of a base64 text; white space and missing padding are tolerated.
 *
 * @returns undefined when the text is no base64
 */
export function decodeBase64(text: string): Buffer | undefined {
  // To look for white space takes as long as to decode, and there is seldom any.
  return decodeCompact(text) ?? (/\s/.test(text) ? decodeCompact(text.replace(/\s+/g, '')) : undefined);
}

function decodeCompact(text: string): Buffer | undefined {
  const digits = text.endsWith('==') ? text.length - 2 : text.length - (text.endsWith('=') ? 1 : 0);
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64, so that there are fewer bytes than digits for them.
  return digits % 4 === 1 || bytes.length !== Math.floor((digits * 3) / 4) ? undefined : bytes;
}

/** The bytes of a text that guests are told. */
export function contentBytes(text: string, contents: NestedValue['contents']): Buffer {
  return contents === 'plain' ? Buffer.from(text, 'utf8') : decodeBase64OrText(text);
}

/**
 * The bytes of a text that may be base64 or the thing itself (CONTRACT §9.4). Only what an encoder writes counts as base64: the standard
 * alphabet, padded, line ends but no other white space; "ssh-rsa AAAA…" is a key, though Node would decode it.
 */
export function decodeBase64OrText(text: string): Buffer {
  const compact = text.replace(/[\r\n]/g, '');
  const isBase64 = compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
  return isBase64 ? Buffer.from(compact, 'base64') : Buffer.from(text, 'utf8');
}
