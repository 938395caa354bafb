import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether the client has this very content already (RFC 9110, 13.1). A tag, if it sends any, counts alone.
 *
 * @param modified to the millisecond; the client knows it to the second
 */
export function isUnchanged(headers: IncomingHttpHeaders, tag: string, modified: Date): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    return tags.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since;
}
