/** Zod schemas of single values: text in, validated value out. Each message is what was expected, the caller adds option and value. */

import { z } from 'zod';
import { isHostAddress, parseCidr } from '../model/address.js';
import { isHostName, isPassword } from '../model/guest-values.js';
import { isDnsName, parseDomainName, parseMac } from '../model/host-name.js';
import { isIdentifier } from '../model/identifier.js';
import { parseIpv6Cidr, parseIpv6Host, parseIpv6Hosts } from '../model/ipv6.js';
import { parsePortRange } from '../model/ports.js';
import type { ForwardProtocol } from '../model/values.js';
import { parseVlan, withoutScheme } from '../model/vlan.js';

/** A schema over a parser that returns undefined for what it does not accept. */
function parsed<T>(parse: (text: string) => T | undefined, expected: (text: string) => string) {
  return z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected(text) });
    return z.NEVER;
  });
}

export const identifier = parsed(
  (text) => (isIdentifier(text) ? text : undefined),
  () => 'a decimal id of 1 to 20 digits',
);

export const address = parsed(
  (text) => (isHostAddress(text) ? text : undefined),
  () => 'an IPv4 address of a host such as 10.1.1.1',
);

export const cidr = parsed(parseCidr, () => 'an IPv4 network such as 10.1.1.0/24');

/** Undefined when nothing but a scheme was sent. */
export const vlan = z
  .string()
  .transform((text, context) => {
    const value = parseVlan(text);
    if (value === undefined && withoutScheme(text) !== '') {
      context.addIssue({ code: 'custom', message: 'a VLAN id from 1 to 4094 or "untagged"' });
      return z.NEVER;
    }
    return value;
  })
  .optional();

/**
 * For commands that take something away: a VLAN that is none cannot have been built with, so it counts as not sent and the state decides.
 * CloudStack cleans up after a refused implement with the very value that was refused (a VXLAN's VNI).
 */
export const vlanToRemove = z.string().transform(parseVlan).optional();

export const portRange = parsed(parsePortRange, (text) =>
  /[-:]/.test(text)
    ? 'a range of ports from 1 to 65535, the lower one first, such as 8080-8090'
    : 'a port from 1 to 65535',
);

export const protocol = parsed(parseProtocol, () => 'tcp or udp').default('tcp');

export const password = parsed(
  (text) => (isPassword(text) ? text : undefined),
  () => 'one line of text (the value is not shown)',
);

export const hostName = parsed(
  (text) => (isHostName(text) ? text : undefined),
  () => 'a host name of up to 253 letters, digits, ".", "_" and "-"',
);

export const flag = parsed(parseFlag, () => 'true or false').default(false);

export const mac = parsed(parseMac, () => "a NIC's MAC address such as 02:01:0a:00:00:05");

/** A name that DNS answers; stricter than what a hypervisor may be called. */
export const dnsName = parsed(
  (text) => (isDnsName(text) ? text : undefined),
  () => 'a host name: letters, digits and dashes, at most 63 between dots',
);

export const domainName = parsed(parseDomainName, () => 'a domain: names of letters, digits and dashes joined by dots');

/** Resolvers joined by commas; an empty place between them is none. */
export const addresses = parsed(
  (text) => {
    const list = text.split(',').filter((one) => one !== '');
    return list.every(isHostAddress) ? [...new Set(list)] : undefined;
  },
  () => 'IPv4 addresses of hosts joined by commas',
);

export const ipv6Address = parsed(parseIpv6Host, () => 'an IPv6 address of a host such as 2001:db8::1');

export const ipv6Cidr = parsed(
  (text) => (text.includes('/') ? parseIpv6Cidr(text) : undefined),
  () => 'an IPv6 network such as 2001:db8::/64',
);

/** The same as `addresses` for IPv6. */
export const ipv6Addresses = parsed(parseIpv6Hosts, () => 'IPv6 addresses of hosts joined by commas');

function parseProtocol(text: string): ForwardProtocol | undefined {
  const name = text.toLowerCase();
  return name === 'tcp' || name === 'udp' ? name : undefined;
}

/** CONTRACT §9.3. */
function parseFlag(text: string): boolean | undefined {
  if (/^(?:true|1|yes)$/i.test(text)) return true;
  return /^(?:false|0|no)$/i.test(text) ? false : undefined;
}
