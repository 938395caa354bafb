/** Names of hosts and domains (RFC 952, RFC 1123 §2.1, RFC 1035 §2.3.4) and hardware addresses: all end up in lines of configuration files. */

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const name = new RegExp(`^${label}(?:\\.${label})*$`);

/** Longest name in characters: 255 bytes on the wire with the first length and the root. */
const longest = 253;

/**
 * Whether a text is a host's name: labels of letters, digits and inner dashes, joined by dots. With several labels the last is not all
 * digits (RFC 3696 §2), so that no address is a name.
 */
export function isDnsName(text: string): boolean {
  return text.length <= longest && name.test(text) && !/\.[0-9]+$/.test(text);
}

/** A domain without the dot it may end with; undefined when it is none. */
export function parseDomainName(text: string): string | undefined {
  const domain = text.endsWith('.') ? text.slice(0, -1) : text;
  return isDnsName(domain) ? domain : undefined;
}

/**
 * An Ethernet address in its one spelling, lower-case hex pairs joined by colons; undefined for anything else, for the address of nobody
 * (all zeros) and for addresses of groups.
 */
export function parseMac(text: string): string | undefined {
  if (!/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/.test(text)) return undefined;
  const mac = text.toLowerCase();
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return isGroup || mac === '00:00:00:00:00:00' ? undefined : mac;
}
