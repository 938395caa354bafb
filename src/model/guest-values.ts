/** What may be said of a guest: each value lands in a file or a listing of lines. */

/** Whether a password fits on one line of the file of passwords. */
export function isPassword(text: string): boolean {
  return text !== '' && !text.includes('\0') && !/[\n\v\f\r\u0085\u2028\u2029]/.test(text);
}

/** Whether a text can be the name of a host, also of one that has never heard of RFC 1123 (underscores). */
export function isHostName(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text) && !text.includes('..');
}

/** Longest name of a file, in bytes (Linux NAME_MAX). */
const longestName = 255;

/**
 * Whether a text can be the name of one file among a guest's: it leads nowhere else, is no hidden file (ours are while they are written),
 * and is one line in a listing.
 */
export function isGuestFileName(text: string): boolean {
  if (text === '' || text.startsWith('.') || Buffer.byteLength(text) > longestName) return false;
  return !/[/\p{Cc}\u2028\u2029]/u.test(text) && !/^\s|\s$/.test(text);
}
