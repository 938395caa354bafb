import type { PortRange } from './values.js';

/** One port 1–65535; undefined for anything else, leading zeros included. */
export function parsePort(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

/** `22`, `8080-8090` or `8080:8090` (CONTRACT §9.6), the lower port first; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const separator = text.search(/[-:]/);
  if (separator === -1) {
    const port = parsePort(text);
    return port === undefined ? undefined : { first: port, last: port };
  }
  const first = parsePort(text.slice(0, separator));
  const last = parsePort(text.slice(separator + 1));
  return first === undefined || last === undefined || first > last ? undefined : { first, last };
}

/** `22` or `8080-8090`; with `separator` `:` as iptables writes it. */
export function formatPortRange(range: PortRange, separator: '-' | ':' = '-'): string {
  return range.first === range.last ? String(range.first) : `${range.first}${separator}${range.last}`;
}

/** How many ports a range has. */
export function portCount(range: PortRange): number {
  return range.last - range.first + 1;
}
